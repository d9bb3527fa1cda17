#include "detect/given_boxes.h"

#include <gtest/gtest.h>

#include <limits>
#include <opencv2/core/mat.hpp>
#include <string>

#include "pose/detect.h"
#include "pose/error.h"
#include "pose/log.h"
#include "results/record_text.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

std::string entry(const std::string& id, const std::string& rest) {
  return "{\"image_id\": " + id + ", " + rest + "}";
}

const std::string kGood = "\"category_id\": 1, \"bbox\": [1, 2, 30, 40], \"score\": 0.5";

TEST(GivenBoxes, threshold_must_be_a_share) {
  const test::TempFolder folder;
  test::write_text(folder / "boxes.json", "[]");
  EXPECT_NO_THROW(make_boxes_file_detector(folder / "boxes.json", 1));
  for (const float bad : {-0.1f, 1.1f, std::numeric_limits<float>::quiet_NaN()})
    test::expect_error(ErrorKind::kUsage, "must lie between 0 and 1",
                       [&] { make_boxes_file_detector(folder / "boxes.json", bad); });
}

TEST(GivenBoxes, are_found_by_name_and_by_coco_number) {
  const GivenBoxes boxes = parse_given_boxes(
      "[" + entry("\"a.jpg\"", kGood) + "," + entry("42", kGood) + "," + entry("\"d/b.jpg\"", kGood) + "]",
      "x.json", 0);
  EXPECT_NE(boxes.find("a.jpg"), nullptr);
  EXPECT_NE(boxes.find("some/folder/a.jpg"), nullptr);
  EXPECT_NE(boxes.find("d/b.jpg"), nullptr);
  EXPECT_NE(boxes.find("COCO_val2014_000000000042.jpg"), nullptr);
  EXPECT_NE(boxes.find("x/000000000042.png"), nullptr);
  EXPECT_EQ(boxes.find("b.jpg"), nullptr);
  EXPECT_EQ(boxes.find("43.jpg"), nullptr);
  EXPECT_EQ(boxes.find(""), nullptr);
  const Detection& d = boxes.find("a.jpg")->at(0);
  EXPECT_EQ(d.box.x1, 1);
  EXPECT_EQ(d.box.y1, 2);
  EXPECT_EQ(d.box.x2, 31);
  EXPECT_EQ(d.box.y2, 42);
  EXPECT_EQ(d.score, 0.5f);
}

TEST(GivenBoxes, are_sorted_and_filtered) {
  const auto box = [](const std::string& category, const std::string& x, const std::string& score) {
    return entry("7",
                 "\"category_id\": " + category + ", \"bbox\": [" + x + ", 0, 1, 1], \"score\": " + score);
  };
  const GivenBoxes boxes =
      parse_given_boxes("[" + box("1", "1", "0.5") + "," + box("2", "2", "0.9") + "," + box("1", "3", "0.8") +
                            "," + box("1", "4", "0.1") + "," + box("1", "5", "0.5") + "]",
                        "x.json", 0.5f);
  const auto* found = boxes.find("7.jpg");
  ASSERT_NE(found, nullptr);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].box.x1, 3);
  EXPECT_EQ((*found)[1].box.x1, 1);
  EXPECT_EQ((*found)[2].box.x1, 5);
}

void expect_error(const std::string& json, const std::string& part) {
  try {
    parse_given_boxes(json, "x.json", 0);
    FAIL() << json;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(GivenBoxes, name_the_place_of_a_fault) {
  expect_error("", "x.json");
  expect_error("[", "JSON");
  expect_error("{\"a\": 1}", "no results in a form that is read here");
  expect_error(R"([{"image_id": "a.jpg", "category_id": 1, "keypoints": [1, 2, 3], "score": 1}])",
               "but not their boxes (--save_boxes writes those");
  expect_error("[" + entry("1", kGood) + ", 3]", "x.json: [1] must be an object");
  expect_error("[{\"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 1}]", "[0].image_id is missing");
  expect_error("[" + entry("1.5", kGood) + "]", "[0].image_id must be");
  expect_error("[" + entry("1", "\"category_id\": \"1\", \"bbox\": [1,2,3,4], \"score\": 1") + "]",
               "[0].category_id");
  expect_error("[" + entry("1", "\"category_id\": 1, \"bbox\": [1,2,3], \"score\": 1") + "]",
               "[0].bbox must be");
  expect_error("[" + entry("1", "\"category_id\": 1, \"bbox\": [1,2,\"3\",4], \"score\": 1") + "]",
               "[0].bbox[2] must be");
  expect_error("[" + entry("1", "\"category_id\": 1, \"bbox\": [1,2,-3,4], \"score\": 1") + "]",
               "[0].bbox[2] is out of");
  expect_error("[" + entry("1", "\"category_id\": 1, \"bbox\": [1e300,2,3,4], \"score\": 1") + "]",
               "[0].bbox[0] is out of");
  expect_error("[" + entry("1", "\"category_id\": 1, \"bbox\": [1,2,3,4], \"score\": null") + "]",
               "[0].score must be");
  expect_error(std::string(200'000, '['), "nested too deeply");
}

TEST(GivenBoxes, keep_their_digits) {
  const GivenBoxes boxes =
      parse_given_boxes("[" + entry("1", "\"bbox\": [210.3, 95.7, 120.6, 310.2]") + "]", "x.json", 0.9f);
  const Detection& d = boxes.find("1.jpg")->at(0);
  EXPECT_EQ(d.score, 1) << "neither score nor category are needed";
  ASSERT_TRUE(d.given);
  EXPECT_EQ(d.rect().x, 210.3);
  EXPECT_EQ(d.rect().y, 95.7);
  EXPECT_EQ(d.rect().width, 120.6);
  EXPECT_EQ(d.rect().height, 310.2);
  EXPECT_EQ(d.box.x2, static_cast<float>(210.3 + 120.6));
}

TEST(GivenBoxes, come_from_data_sets) {
  const GivenBoxes boxes = parse_given_boxes(
      R"({"images": [{"id": "1", "file_name": "d/a.jpg"}, {"id": 2, "file_name": "d/b.jpg"},
                     {"id": 3, "file_name": "e/b.jpg"}],
          "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0.1, 2, 3, 4]},
                          {"image_id": "2", "bbox": [5, 6, 7, 8], "score": 0.25},
                          {"image_id": 1, "category_id": 7, "bbox": [1, 1, 1, 1]},
                          {"image_id": 1, "bbox": [1, 1, 1, 1], "iscrowd": 1}]})",
      "x.json", 0);
  ASSERT_NE(boxes.find("a.jpg"), nullptr) << "without the folders of the file's names";
  ASSERT_EQ(boxes.find("d/a.jpg")->size(), 1u);
  EXPECT_EQ(boxes.find("a.jpg")->at(0).score, 1);
  EXPECT_EQ(boxes.find("a.jpg")->at(0).rect().x, 0.1);
  EXPECT_EQ(boxes.find("d/b.jpg")->at(0).score, 0.25f);
  EXPECT_EQ(boxes.find("b.jpg"), nullptr) << "two are called so";
  EXPECT_EQ(boxes.find("2.jpg"), nullptr) << "its numbers are its own affair";
}

TEST(GivenBoxes, ids_may_be_texts_of_numbers) {
  const GivenBoxes boxes =
      parse_given_boxes("[" + entry("\"42\"", kGood) + "," + entry("\"000000000007\"", kGood) + "]", "x", 0);
  EXPECT_NE(boxes.find("COCO_val2014_000000000042.jpg"), nullptr);
  EXPECT_NE(boxes.find("d/000000000007.jpg"), nullptr);
  EXPECT_EQ(boxes.find("a.jpg"), nullptr);
}

TEST(GivenBoxes, come_from_lines_and_journals) {
  const test::TempFolder folder;
  test::write_text(folder / "boxes.jsonl",
                   entry("\"a.jpg\"", kGood) + "\n" + entry("\"b.jpg\"", kGood) + "\n");
  EXPECT_NE(read_given_boxes(folder / "boxes.jsonl", 0).find("b.jpg"), nullptr);

  PhotoRecord photo;
  photo.name = "d/a.jpg";
  photo.boxes = {{{1, 2, 3, 4}, 0.25f, 1, 0}, {{1, 2, 3, 5}, 0.75f, 1, 0}};
  PhotoRecord failed = photo;
  failed.error = Error::io("gone");
  failed.boxes.clear();
  test::write_text(folder / "journal.jsonl", line_of(RunInfo{}) + "\n" + line_of(JournalRecord{photo, 0}) +
                                                 "\n" + line_of(JournalRecord{failed, 0}) + "\n");
  const GivenBoxes boxes = read_given_boxes(folder / "journal.jsonl", 0.5f);
  ASSERT_NE(boxes.find("d/a.jpg"), nullptr);
  ASSERT_EQ(boxes.find("d/a.jpg")->size(), 1u);
  EXPECT_EQ(boxes.find("d/a.jpg")->at(0).box.y2, 5);
}

TEST(GivenBoxes, without_area_or_outside_cost_themselves_only) {
  std::string told;
  set_log_sink([&](LogLevel, std::string_view text) { told += std::string(text) + "\n"; });
  const test::TempFolder folder;
  std::string list = entry("\"a.jpg\"", kGood);
  for (const char* box : {"[1, 2, 0, 4]", "[1, 2, 3, 0]", "[64, 0, 9, 9]", "[0, 48, 9, 9]", "[-9, 0, 9, 9]",
                          "[0, -9, 9, 9]", "[-8.5, -8.5, 9, 9]"})
    list += ", " + entry("\"a.jpg\"", "\"bbox\": " + std::string(box));
  test::write_text(folder / "boxes.json", "[" + list + "]");
  const auto detector = make_boxes_file_detector(folder / "boxes.json", 0);
  EXPECT_EQ(told, folder / "boxes.json" + ": boxes without an area are left out: 2\n");
  told.clear();
  const auto found =
      detector->detect({detector->prepare(cv::Mat(48, 64, CV_8UC3, cv::Scalar()), "a.jpg")}, nullptr);
  set_log_sink({});
  EXPECT_EQ(found.at(0).size(), 2u);
  EXPECT_EQ(told, "a.jpg: boxes that lie outside of the picture are left out: 4\n");
}

TEST(BoxesFileDetector, gives_the_boxes_of_the_file_and_never_invents_any) {
  const test::TempFolder folder;
  test::write_text(folder / "boxes.json", "[" + entry("\"a.jpg\"", kGood) + "]");
  const auto detector = make_boxes_file_detector(folder / "boxes.json", 0);
  const cv::Mat photo(48, 64, CV_8UC3, cv::Scalar());
  std::vector<DetectorTrace> traces;
  const auto found =
      detector->detect({detector->prepare(photo, "b.jpg"), detector->prepare(photo, "a.jpg")}, &traces);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].empty());
  EXPECT_EQ(found[1].size(), 1u);
  EXPECT_EQ(traces.size(), 2u);
  EXPECT_THROW(make_boxes_file_detector(folder / "missing.json", 0), Error);
}

TEST(WholeImageDetector, takes_the_picture_as_one_person) {
  const auto detector = make_whole_image_detector();
  const auto found =
      detector->detect({detector->prepare(cv::Mat(48, 64, CV_8UC3, cv::Scalar()), "a.jpg")}, nullptr);
  ASSERT_EQ(found.at(0).size(), 1u);
  EXPECT_EQ(found[0][0].box.x2, 64);
  EXPECT_EQ(found[0][0].box.y2, 48);
  EXPECT_EQ(found[0][0].score, 1);
}

}  // namespace
}  // namespace pose
