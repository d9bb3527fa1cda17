#include "pose/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluate/oks.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

/// A ground truth and results as files, changed by tests before they are evaluated.
struct Set {
  json truth, results;

  Evaluation evaluate() const {
    const test::TempFolder folder;
    test::write_text(folder / "gt.json", truth.dump());
    test::write_text(folder / "results.json", results.dump());
    return evaluate_keypoints(folder / "gt.json", folder / "results.json");
  }
};

/// Joints that are all at one place, the first `labelled` of them labelled.
json joints(double x, double y, int labelled = 17) {
  json list = json::array();
  for (int j = 0; j < 17; ++j) {
    const int label = j < labelled ? 2 : 0;
    for (const json& value : {json(x), json(y), json(label)}) list.push_back(value);
  }
  return list;
}

json photo(int id, const std::string& name) { return {{"id", id}, {"file_name", name}}; }

json person(int id, int photo, double x) {
  return {{"id", id},     {"image_id", photo},       {"category_id", 1},    {"iscrowd", 0},
          {"area", 5000}, {"bbox", {x, 0, 50, 100}}, {"num_keypoints", 17}, {"keypoints", joints(x, 50)}};
}

json found(const json& photo, double x, double score) {
  return {{"image_id", photo}, {"category_id", 1}, {"keypoints", joints(x, 50)}, {"score", score}};
}

/// Two photos with a person each, both found where they are.
Set two_photos() {
  return {{{"images", {photo(1, "val/a.jpg"), photo(2, "val/b.jpg")}},
           {"annotations", {person(11, 1, 100), person(12, 2, 300)}},
           {"categories", {{{"id", 1}, {"name", "person"}}}}},
          {found("val/a.jpg", 100, 0.9), found("val/b.jpg", 300, 0.8)}};
}

double value(const Evaluation& evaluation, const std::string& name) {
  for (const Metric& metric : evaluation.metrics)
    if (metric.name == name) return metric.value;
  ADD_FAILURE() << "no " << name;
  return -2;
}

void expect_numbers(const Evaluation& evaluation, const json& expected) {
  ASSERT_EQ(evaluation.metrics.size(), expected.size());
  for (const auto& [name, number] : expected.items()) {
    const auto same = [&, &name = name](const Metric& metric) {
      return std::equal(name.begin(), name.end(), metric.name.begin(), metric.name.end(),
                        [](char a, char b) { return std::tolower(a) == std::tolower(b); });
    };
    const auto metric = std::find_if(evaluation.metrics.begin(), evaluation.metrics.end(), same);
    ASSERT_NE(metric, evaluation.metrics.end()) << name;
    EXPECT_NEAR(metric->value, number.get<double>(), 1e-9) << name;
  }
}

void expect_refused(const Set& set, ErrorKind kind, const std::string& part) {
  try {
    set.evaluate();
    ADD_FAILURE() << "was evaluated; expected: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Evaluate, GivesPycocotoolsNumbers) {
  const json& golden = test::golden("coco_eval.json");
  expect_numbers(Set{golden["gt"], golden["dt"]}.evaluate(), golden["expected"]);
}

TEST(Evaluate, GivesPycocotoolsNumbersOnTheSharedSets) {
  const std::string path = test::shared_path("golden/coco_eval.json");
  if (path.empty()) GTEST_SKIP() << "needs the shared data";
  const json golden = json::parse(test::read_text(path));
  for (std::size_t t = 0; t < kThresholds; ++t) EXPECT_EQ(oks_threshold(t), golden["iou_thresholds"][t]);
  for (std::size_t r = 0; r < kRecalls; ++r) EXPECT_EQ(recall_point(r), golden["recall_thresholds"][r]);
  Set small{golden["small"]["gt"], golden["small"]["dt"]};
  expect_numbers(small.evaluate(), golden["small"]["expected"]["stats"]);
  small.results = json::array({small.results.back()});
  expect_numbers(small.evaluate(), golden["small_with_only_the_last_detection"]["expected"]["stats"]);
  const std::string folder = test::shared_path("golden/coco_eval");
  expect_numbers(evaluate_keypoints(folder + "/gt.json", folder + "/dt.json"),
                 golden["random"]["expected"]["stats"]);
}

TEST(Evaluate, FindsPhotosByNameLastPartAndId) {
  Set set = two_photos();
  for (const auto& [a, b] : std::vector<std::pair<json, json>>{
           {"val/a.jpg", "val/b.jpg"}, {"a.jpg", "b.jpg"}, {"other/a.jpg", "b.jpg"}, {1, 2}}) {
    set.results = {found(a, 100, 0.9), found(b, 300, 0.8)};
    const Evaluation evaluation = set.evaluate();
    EXPECT_NEAR(value(evaluation, "AP"), 1, 1e-9) << a;
    EXPECT_EQ(evaluation.photos, 2u);
    EXPECT_EQ(evaluation.people, 2u);
    EXPECT_EQ(evaluation.found, 2u);
    EXPECT_TRUE(evaluation.notes.empty());
  }
}

TEST(Evaluate, RefusesNamesThatMayBeSeveralPhotos) {
  Set set = two_photos();
  set.results = {found("x/a.jpg", 100, 0.9), found("y/a.jpg", 300, 0.8)};
  expect_refused(set, ErrorKind::kMismatch, "'x/a.jpg' and 'y/a.jpg' would both be 'val/a.jpg'");
  set.truth["images"] = {photo(1, "x/a.jpg"), photo(2, "y/a.jpg")};
  expect_numbers(set.evaluate(), {{"AP", 1},
                                  {"AP50", 1},
                                  {"AP75", 1},
                                  {"APm", 1},
                                  {"APl", -1},
                                  {"AR", 1},
                                  {"AR50", 1},
                                  {"AR75", 1},
                                  {"ARm", 1},
                                  {"ARl", -1}});
  set.results = {found("a.jpg", 100, 0.9)};
  expect_refused(set, ErrorKind::kMismatch, "'a.jpg' may be any of several");
}

TEST(Evaluate, SaysWhichPhotosAreStrange) {
  Set set = two_photos();
  set.results.push_back(found("c.jpg", 300, 0.9));
  set.results.push_back(found(77, 300, 0.9));
  const Evaluation evaluation = set.evaluate();
  EXPECT_NEAR(value(evaluation, "AP"), 1, 1e-9);
  ASSERT_EQ(evaluation.notes.size(), 1u);
  EXPECT_EQ(evaluation.notes[0].substr(0, 12), "2 photos of ");
  set.results = {found("c.jpg", 300, 0.9)};
  expect_refused(set, ErrorKind::kMismatch, "('c.jpg' ...) is in");
}

TEST(Evaluate, NobodyFoundIsZeroAndSaid) {
  Set set = two_photos();
  set.results = json::array();
  const Evaluation evaluation = set.evaluate();
  EXPECT_EQ(value(evaluation, "AP"), 0);
  EXPECT_EQ(value(evaluation, "AR"), 0);
  EXPECT_EQ(value(evaluation, "APl"), -1);
  ASSERT_EQ(evaluation.notes.size(), 1u);
  EXPECT_NE(evaluation.notes[0].find("holds nobody"), std::string::npos);
}

TEST(Evaluate, ReadsResultsOfOtherForms) {
  const Set set = two_photos();
  const test::TempFolder folder;
  test::write_text(folder / "gt.json", set.truth.dump());
  test::write_text(folder / "lines.jsonl", set.results[0].dump() + "\n" + set.results[1].dump() + "\n");
  const Evaluation lines = evaluate_keypoints(folder / "gt.json", folder / "lines.jsonl");
  EXPECT_NEAR(value(lines, "AP"), 1, 1e-9);
  const Evaluation itself = evaluate_keypoints(folder / "gt.json", folder / "gt.json");
  EXPECT_EQ(itself.found, 2u);
  EXPECT_NEAR(value(itself, "AP"), 1, 1e-9);
}

TEST(Evaluate, ReadsTheListOfAnOutputFolder) {
  const Set set = two_photos();
  const test::TempFolder folder;
  test::write_text(folder / "gt.json", set.truth.dump());
  test::write_text(folder / "alphapose-results.json", set.results.dump());
  EXPECT_NEAR(value(evaluate_keypoints(folder / "gt.json", folder.path()), "AP"), 1, 1e-9);
}

TEST(Evaluate, MissingAreaIsTheBoxsAndMissingCountsAreCounted) {
  Set set = two_photos();
  for (json& annotation : set.truth["annotations"])
    for (const char* name : {"area", "num_keypoints", "iscrowd"}) annotation.erase(name);
  set.truth["annotations"][1]["bbox"] = {300, 0, 100, 100};  // greater than 96x96
  const Evaluation evaluation = set.evaluate();
  EXPECT_NEAR(value(evaluation, "APm"), 1, 1e-9);
  EXPECT_NEAR(value(evaluation, "APl"), 1, 1e-9);
  ASSERT_EQ(evaluation.notes.size(), 1u);
  EXPECT_EQ(evaluation.notes[0].substr(0, 12), "2 people of ");
}

TEST(Evaluate, LeavesOtherCategoriesAside) {
  Set set = two_photos();
  set.truth["categories"].push_back({{"id", 18}, {"name", "dog"}});
  set.truth["annotations"].push_back({{"id", 13}, {"image_id", 1}, {"category_id", 18}});
  set.results.push_back(found("val/a.jpg", 500, 0.99));
  set.results.back()["category_id"] = 18;
  EXPECT_NEAR(value(set.evaluate(), "AP"), 1, 1e-9);
  set.results.back()["category_id"] = 1;
  EXPECT_LT(value(set.evaluate(), "AP"), 0.7);
}

TEST(Evaluate, SaysThatAnAnnotationZeroNeverCounts) {
  Set set = two_photos();
  set.truth["annotations"][0]["id"] = 0;
  const Evaluation evaluation = set.evaluate();
  EXPECT_NEAR(value(evaluation, "AR"), 0.5, 1e-9);
  ASSERT_EQ(evaluation.notes.size(), 1u);
}

TEST(Evaluate, OfEquallyGoodPartnersTheLaterOneCounts) {
  Set set = two_photos();
  set.truth["annotations"].push_back(person(0, 1, 100));  // an id that is never right
  EXPECT_NEAR(value(set.evaluate(), "AR"), 1.0 / 3, 1e-9);
  std::swap(set.truth["annotations"][0]["id"], set.truth["annotations"][2]["id"]);
  EXPECT_NEAR(value(set.evaluate(), "AR"), 2.0 / 3, 1e-9);
}

TEST(Evaluate, APersonGoesBeforeACrowdThatFitsBetter) {
  Set set = two_photos();
  set.truth["annotations"].push_back(person(13, 1, 103));
  set.truth["annotations"][2]["iscrowd"] = 1;
  set.results[0] = found("val/a.jpg", 102, 0.9);
  EXPECT_NEAR(value(set.evaluate(), "AR50"), 1, 1e-9);
}

/// What `change` makes of a good set is refused with `part`.
struct Fault {
  void (*change)(Set&);
  ErrorKind kind;
  std::string part;
};

TEST(Evaluate, RefusesGroundTruthThatIsNone) {
  for (const Fault& fault : std::vector<Fault>{
           {[](Set& s) { s.truth = s.results; }, ErrorKind::kFormat, "this is a list, as results are"},
           {[](Set& s) { s.truth = json::object(); }, ErrorKind::kFormat, "'images' is missing"},
           {[](Set& s) { s.truth.erase("annotations"); }, ErrorKind::kFormat, "'annotations' is missing"},
           {[](Set& s) { s.truth.erase("categories"); }, ErrorKind::kFormat,
            "'categories' must have one entry"},
           {[](Set& s) { s.truth["annotations"] = json::array(); }, ErrorKind::kMismatch, "nothing to find"},
           {[](Set& s) { s.truth["annotations"][1]["id"] = 11; }, ErrorKind::kFormat, "have the id 11"},
           {[](Set& s) { s.truth["images"][1]["id"] = 1; }, ErrorKind::kFormat, "have the id 1"},
           {[](Set& s) { s.truth["images"][1].erase("id"); }, ErrorKind::kFormat, "has no 'id'"},
           {[](Set& s) { s.truth["annotations"][1].erase("id"); }, ErrorKind::kFormat, "has no 'id'"},
           {[](Set& s) { s.truth["annotations"][1].erase("image_id"); }, ErrorKind::kFormat, "no 'image_id'"},
           {[](Set& s) { s.truth["annotations"][1].erase("category_id"); }, ErrorKind::kFormat,
            "no 'category_id'"},
           {[](Set& s) { s.truth["annotations"][1].erase("bbox"); }, ErrorKind::kFormat, "12 has no 'bbox'"},
           {[](Set& s) {
              s.truth["annotations"][1]["bbox"] = {1, 2, 3};
            },
            ErrorKind::kFormat, "four numbers"},
           {[](Set& s) {
              s.truth["annotations"][1]["bbox"] = {1, 2, 3, 4, 5};
            },
            ErrorKind::kFormat, "four numbers"},
           {[](Set& s) { s.truth["annotations"][1]["area"] = -1; }, ErrorKind::kFormat, "an 'area' below 0"},
           {[](Set& s) { s.truth["annotations"][1].erase("keypoints"); }, ErrorKind::kFormat,
            "no 'keypoints'"},
           {[](Set& s) { s.truth["annotations"][1]["keypoints"].push_back(1); }, ErrorKind::kFormat,
            "has 52 numbers"},
           {[](Set& s) {
              s.truth["annotations"][0]["keypoints"] = {1, 2, 2};
            },
            ErrorKind::kUnsupported, "has 3 numbers"},
           {[](Set& s) { s.truth["annotations"][1]["keypoints"][3] = nullptr; }, ErrorKind::kFormat,
            "a number must stand"}}) {
    Set set = two_photos();
    fault.change(set);
    expect_refused(set, fault.kind, fault.part);
  }
}

TEST(Evaluate, RefusesResultsThatAreNone) {
  for (const Fault& fault :
       std::vector<Fault>{{[](Set& s) {
                             s.results = {{"a", 1}};
                           },
                           ErrorKind::kFormat, "no results in a form"},
                          {[](Set& s) { s.results[1].erase("image_id"); }, ErrorKind::kFormat,
                           "the person before this has no 'image_id'"},
                          {[](Set& s) { s.results[1].erase("score"); }, ErrorKind::kFormat,
                           "the person before this has no 'score'"},
                          {[](Set& s) { s.results[1].erase("keypoints"); }, ErrorKind::kFormat,
                           "the person before this has no 'keypoints'"},
                          {[](Set& s) { s.results[1]["keypoints"].push_back(1); }, ErrorKind::kMismatch,
                           "person 2 has 52 numbers"},
                          {[](Set& s) { s.results[1]["score"] = "high"; }, ErrorKind::kFormat,
                           "a number must stand here"}}) {
    Set set = two_photos();
    fault.change(set);
    expect_refused(set, fault.kind, fault.part);
  }
}

TEST(Evaluate, RefusesPartsOfFiles) {
  const Set set = two_photos();
  const std::string truth = set.truth.dump(), results = set.results.dump();
  const test::TempFolder folder;
  const auto refused = [&](const std::string& gt, const std::string& dt) {
    test::write_text(folder / "gt.json", gt);
    test::write_text(folder / "dt.json", dt);
    EXPECT_THROW(evaluate_keypoints(folder / "gt.json", folder / "dt.json"), Error);
  };
  for (std::size_t length = 0; length < truth.size(); length += 7) refused(truth.substr(0, length), results);
  for (std::size_t length = 0; length < results.size(); length += 7)
    refused(truth, results.substr(0, length));
  EXPECT_THROW(evaluate_keypoints(folder / "none.json", folder / "dt.json"), Error);
}

TEST(Oks, IsTheMeanOverLabelledJoints) {
  TruePerson person;
  person.joints = joints(100, 50, 2).get<std::vector<double>>();
  person.labelled = 2;
  person.area = 5000;
  std::vector<double> found = joints(100, 50).get<std::vector<double>>();
  const Skeleton& coco = skeleton("coco17");
  EXPECT_EQ(oks(coco, person, found.data()), 1);
  found[0] += 2 * 0.026 * std::sqrt(2 * 5000.0);  // one of two is off by what gives exp(-1)
  EXPECT_NEAR(oks(coco, person, found.data()), (std::exp(-1.0) + 1) / 2, 1e-12);
  found[6] += 1000;  // nobody labelled this one
  EXPECT_NEAR(oks(coco, person, found.data()), (std::exp(-1.0) + 1) / 2, 1e-12);
}

TEST(Oks, WithoutLabelsIsWithinThreeTimesTheBox) {
  TruePerson person;
  person.joints = joints(0, 0, 0).get<std::vector<double>>();
  person.box = {100, 100, 50, 80};
  person.area = 4000;
  const Skeleton& coco = skeleton("coco17");
  EXPECT_EQ(oks(coco, person, joints(51, 21).get<std::vector<double>>().data()), 1);
  EXPECT_EQ(oks(coco, person, joints(200, 260).get<std::vector<double>>().data()), 1);
  EXPECT_LT(oks(coco, person, joints(49, 150).get<std::vector<double>>().data()), 1);
  EXPECT_LT(oks(coco, person, joints(150, 261).get<std::vector<double>>().data()), 1);
}

}  // namespace
}  // namespace pose
