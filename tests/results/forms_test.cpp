#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pose/results.h"
#include "results/run_report.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Person person_of(const json& p) {
  Person person;
  for (std::size_t k = 0; k < p["keypoints"].size(); ++k)
    person.joints.push_back({p["keypoints"][k][0], p["keypoints"][k][1], p["kp_score"][k]});
  person.score = p["proposal_score"].get<float>();
  return person;
}

/// The people of the golden file under the names of a flat run.
std::vector<PhotoRecord> photos(bool for_eval) {
  const json golden = test::golden("alphapose_json.json");
  std::vector<PhotoRecord> result;
  for (std::size_t i = 0; i < golden["images"].size(); ++i) {
    const json& image = golden["images"][i];
    PhotoRecord photo;
    photo.name = fs::path(for_eval ? golden["names_for_eval"][i].get<std::string>()
                                   : image["imgname"].get<std::string>())
                     .filename()
                     .string();
    for (const json& p : image["people"]) photo.people.push_back(person_of(p));
    result.push_back(std::move(photo));
  }
  return result;
}

void write_run(const std::string& outdir, const char* format, const std::vector<PhotoRecord>& run) {
  const auto writer = result_form(format).write(outdir + "/alphapose-results.json", skeleton("coco17"));
  for (const PhotoRecord& photo : run) writer->add(photo);
  writer->finish();
}

TEST(Formats, TextIsTheReferencesByteForByte) {
  for (const auto& [folder, format] : std::vector<std::pair<std::string, const char*>>{
           {"coco", "coco"}, {"coco_eval", "coco-eval"}, {"cmu", "cmu"}, {"open", "open"}}) {
    SCOPED_TRACE(folder);
    const test::TempFolder out;
    write_run(out.path(), format, photos(folder == "coco_eval"));
    const std::string expected = test::data_path("golden/alphapose_json/" + folder);
    for (const auto& entry : fs::recursive_directory_iterator(expected)) {
      if (entry.is_directory()) continue;
      const std::string name = fs::relative(entry.path(), expected).string();
      ASSERT_TRUE(fs::exists(out / name)) << name;
      EXPECT_EQ(test::read_text(out / name), test::read_text(entry.path())) << name;
    }
  }
}

TEST(Formats, ARunWithNobodyIsAnEmptyListOrObject) {
  const test::TempFolder out;
  write_run(out.path(), "coco", {});
  EXPECT_EQ(test::read_text(out / "alphapose-results.json"),
            test::read_text(test::data_path("golden/alphapose_json/empty_coco/alphapose-results.json")));
  write_run(out.path(), "open", {});
  EXPECT_EQ(test::read_text(out / "alphapose-results.json"),
            test::read_text(test::data_path("golden/alphapose_json/empty_open/alphapose-results.json")));
}

TEST(Formats, ImagesWithOneStemKeepAFileEach) {
  std::vector<PhotoRecord> run = photos(false);
  const test::TempFolder out;
  write_run(out.path(), "cmu", run);
  EXPECT_TRUE(fs::exists(out / "sep-json/shot.json"));
  EXPECT_TRUE(fs::exists(out / "sep-json/shot.v2_0012.jpg.json"));
}

TEST(Formats, NothingAppearsBeforeFinish) {
  const test::TempFolder out;
  {
    const auto writer = result_form("coco").write(out / "alphapose-results.json", skeleton("coco17"));
    for (const PhotoRecord& photo : photos(false)) writer->add(photo);
    EXPECT_FALSE(fs::exists(out / "alphapose-results.json"));
  }
  EXPECT_TRUE(fs::is_empty(out.path()));
}

TEST(Formats, WhatCannotBeWrittenIsRefused) {
  const test::TempFolder out;
  EXPECT_THROW(result_form("cmu").write(out / "x.json", skeleton("mpii16")), Error);
  EXPECT_THROW(result_form("coco").write(out / "missing/x.json", skeleton("coco17")), Error);
  EXPECT_THROW(result_form("xml"), Error);
  const auto writer = result_form("coco-eval").write(out / "x.json", skeleton("coco17"));
  EXPECT_THROW(writer->add(photos(false)[3].people.empty() ? photos(false)[0] : [] {
    PhotoRecord photo = photos(false)[0];
    photo.name = "holiday.jpg";
    return photo;
  }()), Error);
}

TEST(RunReport, IsJsonWithEveryImageAccountedFor) {
  const test::TempFolder out;
  RunInfo run;
  run.version = "1.2";
  run.settings = {{"conf", "0.05", true},   {"outdir", "a b", false}, {"save_img", "true", false},
                  {"inp_dim", "608", true}, {"list", "", true},       {"indir", "007", true}};
  run.models = {{"pose", "card", "w.pth", "abc"}};
  const auto report = write_run_report(out / "run.json", run, {true, 1.5});
  PhotoRecord good, bad;
  good.name = "ü.jpg";
  good.size = {640, 480};
  good.people.resize(2);
  good.warning = "cut off";
  good.seconds = 0.12345;
  bad.name = "bad.jpg";
  bad.error = Error::format("not a picture");
  report->add(good);
  report->add(bad);
  report->finish();
  const json read = json::parse(test::read_text(out / "run.json"));
  EXPECT_EQ(read["version"], "1.2");
  EXPECT_EQ(read["options"]["conf"], 0.05);
  EXPECT_EQ(read["options"]["outdir"], "a b");
  EXPECT_EQ(read["options"]["save_img"], true);
  EXPECT_EQ(read["options"]["inp_dim"], 608);
  EXPECT_EQ(read["options"]["indir"], "007");
  EXPECT_EQ(read["models"][0]["sha256"], "abc");
  EXPECT_EQ(read["images"][0]["people"], 2);
  EXPECT_EQ(read["images"][0]["name"], "ü.jpg");
  EXPECT_EQ(read["images"][0]["warning"], "cut off");
  EXPECT_EQ(read["images"][0]["seconds"], 0.123);
  EXPECT_EQ(read["images"][0]["width"], 640);
  EXPECT_FALSE(read["images"][1].contains("warning"));
  EXPECT_EQ(read["images"][1]["status"], "failed");
  EXPECT_EQ(read["images"][1]["error"]["kind"], "format");
  EXPECT_EQ(read["totals"]["images"], 2);
  EXPECT_EQ(read["totals"]["people"], 2);
  EXPECT_EQ(read["totals"]["failed"], 1);
  EXPECT_EQ(read["totals"]["seconds"], 1.5);
  EXPECT_EQ(read["interrupted"], true);
}

TEST(Formats, CocoEvalHasCentreAndScaleOfAffineCrops) {
  const test::TempFolder out;
  PhotoRecord photo;
  photo.name = "7.jpg";
  photo.people.resize(2);
  photo.people[0].joints = {{1, 2, 0.5f}};
  photo.people[0].score = 0.25;
  photo.people[0].center_scale = {270.6f, 250.8f, 1.4540625f, 1.93875f};
  write_run(out.path(), "coco-eval", {photo});
  EXPECT_EQ(test::read_text(out / "alphapose-results.json"),
            "[{\"image_id\": 7, \"category_id\": 1, \"keypoints\": [1.0, 2.0, 0.5], \"score\": 0.25, "
            "\"center\": [270.6000061035156, 250.8000030517578], "
            "\"scale\": [1.4540624618530273, 1.9387500286102295]}, "
            "{\"image_id\": 7, \"category_id\": 1, \"keypoints\": [], \"score\": 0.0}]");
  write_run(out.path(), "coco", {photo});
  EXPECT_EQ(test::read_text(out / "alphapose-results.json").find("center"), std::string::npos);
}

TEST(Boxes, AreACocoList) {
  const test::TempFolder out;
  const auto writer = result_form("boxes").write(out / "boxes.json", skeleton("coco17"));
  PhotoRecord photo;
  photo.name = "a.jpg";
  const Rect given{0.1, 0.2, 0.3, 0.4};
  photo.boxes = {{{10.25f, 20, 110.75f, 220}, 0.5f, 1, 0}, {given.corners(), 1, 1, 0, given}};
  writer->add(photo);
  writer->add(PhotoRecord());
  writer->finish();
  const json read = json::parse(test::read_text(out / "boxes.json"));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0]["image_id"], "a.jpg");
  EXPECT_EQ(read[0]["bbox"], (json{10.25, 20.0, 100.5, 200.0}));
  EXPECT_EQ(read[1]["bbox"], (json{0.1, 0.2, 0.3, 0.4})) << "to the last digit";
}

}  // namespace
}  // namespace pose
