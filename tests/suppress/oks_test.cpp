#include "suppress/oks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pose/skeleton.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

const json& golden() {
  static const json all = test::golden("oks_nms.json");
  return all;
}

/// People of one image, in the order of the file.
std::vector<Person> people_of(const json& image_id) {
  std::vector<Person> people;
  for (const json& p : golden()["people"]) {
    if (p["image_id"] != image_id) continue;
    Person person;
    person.index = static_cast<int>(people.size());
    person.detection.score = 1;
    person.area = p["area"];
    for (const json& k : p["keypoints"]) person.joints.push_back({k[0], k[1], k[2]});
    people.push_back(std::move(person));
  }
  return people;
}

std::vector<double> box_scores(const json& image_id) {
  std::vector<double> scores;
  for (const json& p : golden()["people"])
    if (p["image_id"] == image_id) scores.push_back(p["box_score"]);
  return scores;
}

/// The box scores of the golden file are f64: multiplied in here instead of through a detection's f32.
std::vector<Person> rescored_people(const json& image_id, double in_vis) {
  std::vector<Person> people = people_of(image_id);
  const std::vector<double> scores = box_scores(image_id);
  for (std::size_t i = 0; i < people.size(); ++i) people[i].score = rescored(people[i], in_vis) * scores[i];
  return people;
}

TEST(Oks, SimilaritiesAndScoresAreTheReferences) {
  const Skeleton& coco = skeleton("coco17");
  for (const json& image : golden()["direct"]) {
    const std::vector<Person> people = rescored_people(image["image_id"], 0.2);
    for (std::size_t a = 0; a < people.size(); ++a) {
      EXPECT_NEAR(people[a].score, image["scores"][a].get<double>(), 1e-9);
      for (std::size_t b = 0; b < people.size(); ++b) {
        if (!image.contains("oks")) continue;  // the largest image states only what stays
        EXPECT_NEAR(oks(people[a], people[b], coco), image["oks"][a][b].get<double>(), 1e-9);
        EXPECT_NEAR(oks(people[a], people[b], coco, 0.5), image["oks_in_vis_0.5"][a][b].get<double>(), 1e-9);
      }
    }
  }
}

TEST(OksNms, KeptIndicesAreTheReferences) {
  const Skeleton& coco = skeleton("coco17");
  for (const json& image : golden()["direct"]) {
    const std::vector<Person> people = rescored_people(image["image_id"], 0.2);
    for (const char* t : {"0.9", "0.7", "0.5", "0.3"}) {
      SCOPED_TRACE(image["image_id"].dump() + " threshold " + t);
      EXPECT_EQ(oks_nms(people, coco, std::stod(t)),
                image[std::string("oks_nms_") + t].get<std::vector<int>>());
      EXPECT_EQ(soft_oks_nms(people, coco, std::stod(t), 20),
                image[std::string("soft_oks_nms_") + t].get<std::vector<int>>());
    }
  }
}

TEST(OksNms, EvaluationKeepsThePeopleOfTheReference) {
  const Skeleton& coco = skeleton("coco17");
  for (const json& run : golden()["evaluate"]) {
    SCOPED_TRACE(run["oks_thre"].dump() + " " + run["soft_nms"].dump());
    std::size_t row = 0;
    std::vector<json> images;
    for (const json& p : golden()["people"])
      if (images.empty() || images.back() != p["image_id"]) images.push_back(p["image_id"]);
    for (const json& image : images) {
      const std::vector<Person> people = rescored_people(image, run["in_vis_thre"]);
      const std::vector<int> kept = run["soft_nms"].get<bool>()
                                        ? soft_oks_nms(people, coco, run["oks_thre"], 20)
                                        : oks_nms(people, coco, run["oks_thre"]);
      for (const int i : kept) {
        const json& expected = run["kept_image_person_score"].at(row++);
        EXPECT_EQ(expected[0].dump(),
                  image.dump().substr(image.is_string(), image.dump().size() - 2 * image.is_string()));
        const bool several = expected[1].is_array();  // people with identical keypoints
        const auto who =
            several ? expected[1].get<std::vector<int>>() : std::vector<int>{expected[1].get<int>()};
        EXPECT_TRUE(std::find(who.begin(), who.end(), i) != who.end());
        EXPECT_NEAR(people[static_cast<std::size_t>(i)].score, expected[2].get<double>(), 1e-9);
      }
    }
    EXPECT_EQ(row, run["kept_image_person_score"].size());
  }
}

using test::expect_error;

std::vector<Person> one_person(std::size_t joints) {
  std::vector<Person> people(1);
  people[0].joints.assign(joints, Joint{10, 20, 0.5f});
  people[0].detection.score = 1;
  people[0].area = 100;
  return people;
}

TEST(Suppressors, RefusePeopleOfAnotherSkeletonOrWithoutNumbers) {
  const Skeleton& coco = skeleton("coco17");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* name : {"parametric", "oks", "soft-oks", "none"}) {
    for (const std::size_t joints : {0u, 16u, 18u})
      expect_error(ErrorKind::kUsage,
                   "a person has " + std::to_string(joints) + " joints, but the skeleton 'coco17'",
                   [&] { suppressor(name).apply(one_person(joints), coco, {}); });
    std::vector<std::vector<Person>> bad(6, one_person(17));
    bad[0][0].joints[3].x = nan;
    bad[1][0].joints[4].y = std::numeric_limits<float>::infinity();
    bad[2][0].joints[16].score = nan;
    bad[3][0].score = nan;
    bad[4][0].area = nan;
    bad[5][0].detection.score = nan;
    for (const auto& people : bad)
      expect_error(ErrorKind::kUsage, "not finite", [&] { suppressor(name).apply(people, coco, {}); });
    EXPECT_EQ(suppressor(name).apply(one_person(17), coco, {}).size(), 1u) << name;
    EXPECT_TRUE(suppressor(name).apply({}, coco, {}).empty());
  }
}

TEST(Suppressors, ScoresThatOverflowAreNamed) {
  std::vector<Person> people = one_person(17);
  for (Joint& joint : people[0].joints) joint.score = std::numeric_limits<float>::max();
  expect_error(ErrorKind::kMismatch, "too large to compute with",
               [&] { suppressor("parametric").apply(people, skeleton("coco17"), {}); });
}

TEST(Suppressors, JointsWhoseScoresCancelStayThePicks) {
  std::vector<Person> people = one_person(17);
  people.push_back(people[0]);
  people[0].joints[0] = {10, 20, -0.5f};
  const std::vector<Person> merged = suppressor("parametric").apply(people, skeleton("coco17"), {});
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_NEAR(merged[0].joints[0].x, 10 - 0.3, 1e-5);
  EXPECT_EQ(merged[0].joints[0].score, 0.5f);
}

TEST(Suppressors, OptionsOutOfRangeAreNamed) {
  const auto refused = [](const std::string& name, void (*change)(SuppressOptions&)) {
    SuppressOptions options;
    change(options);
    expect_error(ErrorKind::kUsage, name, [&] { check_suppress_options(options); });
    expect_error(ErrorKind::kUsage, name, [&] { suppressor("none").apply({}, skeleton("coco17"), options); });
  };
  EXPECT_NO_THROW(check_suppress_options({}));
  refused("delta1", [](SuppressOptions& o) { o.delta1 = -1; });
  refused("delta2", [](SuppressOptions& o) { o.delta2 = 0; });
  refused("alpha", [](SuppressOptions& o) { o.alpha = -0.1f; });
  refused("match_cap", [](SuppressOptions& o) { o.match_cap = NAN; });
  refused("merge_cap", [](SuppressOptions& o) { o.merge_cap = INFINITY; });
  refused("mu", [](SuppressOptions& o) { o.mu = NAN; });
  refused("gamma", [](SuppressOptions& o) { o.gamma = INFINITY; });
  refused("score_threshold", [](SuppressOptions& o) { o.score_threshold = NAN; });
  refused("area_threshold", [](SuppressOptions& o) { o.area_threshold = NAN; });
  refused("in_vis_threshold", [](SuppressOptions& o) { o.in_vis_threshold = NAN; });
  refused("oks_threshold", [](SuppressOptions& o) { o.oks_threshold = 0; });
  refused("oks_threshold", [](SuppressOptions& o) { o.oks_threshold = 1.5; });
  refused("match_threshold", [](SuppressOptions& o) { o.match_threshold = 0; });
  refused("soft_max_people", [](SuppressOptions& o) { o.soft_max_people = 0; });
}

TEST(Oks, RefusesPeopleWithOtherJoints) {
  const Skeleton& coco = skeleton("coco17");
  EXPECT_EQ(oks(one_person(17)[0], one_person(17)[0], coco), 1);
  EXPECT_THROW(oks(one_person(16)[0], one_person(17)[0], coco), Error);
  EXPECT_THROW(oks(one_person(17)[0], one_person(16)[0], coco), Error);
  EXPECT_THROW(oks(one_person(16)[0], one_person(16)[0], coco), Error);
}

TEST(Suppressors, NoneKeepsEverybodyBestFirst) {
  std::vector<Person> people(3);
  for (std::size_t i = 0; i < 3; ++i) {
    people[i].joints.assign(17, Joint{0, 0, 0.5f + 0.1f * static_cast<float>(i)});
    people[i].detection.score = 1;
    people[i].index = static_cast<int>(i);
  }
  const std::vector<Person> kept = suppressor("none").apply(people, skeleton("coco17"), {});
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0].index, 2);
  EXPECT_NEAR(kept[0].score, 0.7, 1e-6);
  EXPECT_EQ(suppressor("oks").apply(people, skeleton("coco17"), {}).size(), 1u)
      << "all three are in one place";
}

}  // namespace
}  // namespace pose
