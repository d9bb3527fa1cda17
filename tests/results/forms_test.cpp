#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "output/stage_dump.h"
#include "pose/results.h"
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
  const auto writer = output_format(format).make(outdir, skeleton("coco17"));
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
    const auto writer = output_format("coco").make(out.path(), skeleton("coco17"));
    for (const PhotoRecord& photo : photos(false)) writer->add(photo);
    EXPECT_FALSE(fs::exists(out / "alphapose-results.json"));
  }
  EXPECT_TRUE(fs::is_empty(out.path()));
}

TEST(Formats, WhatCannotBeWrittenIsRefused) {
  const test::TempFolder out;
  EXPECT_THROW(output_format("cmu").make(out.path(), skeleton("mpii16")), Error);
  EXPECT_THROW(output_format("coco").make(out / "missing", skeleton("coco17")), Error);
  EXPECT_THROW(output_format("xml"), Error);
  const auto writer = output_format("coco-eval").make(out.path(), skeleton("coco17"));
  EXPECT_THROW(writer->add(photos(false)[3].people.empty() ? photos(false)[0] : [] {
    PhotoRecord photo = photos(false)[0];
    photo.name = "holiday.jpg";
    return photo;
  }()), Error);
}

TEST(RunReport, IsJsonWithEveryImageAccountedFor) {
  const test::TempFolder out;
  RunReport report(
      out.path(), "1.2",
      {{"conf", "0.05"}, {"outdir", "a b"}, {"save_img", "true"}, {"inp_dim", "608"}, {"list", ""}},
      {{"pose", "card", "w.pth", "abc"}});
  PhotoRecord good, bad;
  good.name = "ü.jpg";
  good.size = {640, 480};
  good.people.resize(2);
  bad.name = "bad.jpg";
  bad.error = Error::format("not a picture");
  report.add(good);
  report.add(bad);
  report.finish(true, 1.5);
  const json read = json::parse(test::read_text(out / "run.json"));
  EXPECT_EQ(read["options"]["conf"], 0.05);
  EXPECT_EQ(read["options"]["outdir"], "a b");
  EXPECT_EQ(read["options"]["save_img"], true);
  EXPECT_EQ(read["options"]["inp_dim"], 608);
  EXPECT_EQ(read["images"][0]["people"], 2);
  EXPECT_EQ(read["images"][0]["name"], "ü.jpg");
  EXPECT_EQ(read["images"][1]["status"], "failed");
  EXPECT_EQ(read["images"][1]["error"]["kind"], "format");
  EXPECT_EQ(read["totals"]["failed"], 1);
  EXPECT_EQ(read["interrupted"], true);
}

TEST(BoxesWriter, IsACocoList) {
  const test::TempFolder out;
  BoxesWriter writer(out / "boxes.json");
  writer.add("a.jpg", {{{10.25f, 20, 110.75f, 220}, 0.5f, 1, 0}});
  writer.add("b.jpg", {});
  writer.finish();
  const json read = json::parse(test::read_text(out / "boxes.json"));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0]["image_id"], "a.jpg");
  EXPECT_EQ(read[0]["bbox"], (json{10.25, 20.0, 100.5, 200.0}));
}

TEST(StageDump, HasEveryStage) {
  const test::TempFolder out;
  StageDump dump;
  dump.boxes = {{{1, 2, 3, 4}, 0.5f, 1, 0}};
  dump.crops.resize(1);
  dump.heatmaps = {Blob({2, 3, 4})};
  dump.people.resize(1);
  dump.people[0].merged = {0, 2};
  write_stage_dump(out / "a/b.jpg", dump);
  EXPECT_EQ(json::parse(test::read_text(out / "a/b.jpg/people.json"))[0]["merged"], (json{0, 2}));
  EXPECT_EQ(json::parse(test::read_text(out / "a/b.jpg/boxes.json"))[0]["box"], (json{1.0, 2.0, 3.0, 4.0}));
  const std::string npy = test::read_text(out / "a/b.jpg/heatmaps.npy");
  EXPECT_EQ(npy.size() % 64, 24u * 4 % 64);
  EXPECT_NE(npy.find("'shape': (1, 2, 3, 4, )"), std::string::npos);
}

}  // namespace
}  // namespace pose
