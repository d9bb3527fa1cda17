// Detection at its thresholds and on lists of given boxes.

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core/mat.hpp>

#include "detect/given_boxes.h"
#include "detect/rules.h"
#include "detect/yolo_rows.h"
#include "pose/detect.h"
#include "pose/error.h"

namespace pose {
namespace {

Detection person(float x, float y, float w, float h, float score) {
  return {{x, y, x + w, y + h}, score, score, 0};
}

/// One row with the given class scores.
YoloRows row(float objectness, std::vector<float> classes) {
  YoloRows rows{static_cast<int>(classes.size()), {50, 60, 20, 30, objectness}};
  rows.values.insert(rows.values.end(), classes.begin(), classes.end());
  return rows;
}

std::size_t found(const char* rules, const YoloRows& rows, float conf, int person_class = 0) {
  return detector_rules(rules).candidates(rows, {{100, 100}, {100, 100}, person_class, conf}).size();
}

TEST(AlphaposeRules, TakeObjectnessAboveTheThresholdAndTheFirstOfTheBestClasses) {
  EXPECT_EQ(found("alphapose", row(0.5f, {0.9f}), 0.5f), 0u);
  EXPECT_EQ(found("alphapose", row(0.51f, {0.9f}), 0.5f), 1u);
  EXPECT_EQ(found("alphapose", row(0.9f, {0.5f, 0.5f}), 0.1f), 1u);
  EXPECT_EQ(found("alphapose", row(0.9f, {0.5f, 0.5f}), 0.1f, 1), 0u);
  EXPECT_EQ(found("alphapose", row(0.9f, {0.0f, 0.0f}), 0.1f), 0u);
}

TEST(DarknetRules, TakeThePersonWhateverOtherClassesSay) {
  EXPECT_EQ(found("darknet", row(0.8f, {0.5f, 0.9f}), 0.4f), 1u);
  EXPECT_EQ(found("darknet", row(0.8f, {0.9f, 0.4f}), 0.4f, 1), 0u);
}

TEST(DetectorRules, CandidatesAreCornersBestFirstWithTiesInTheirOrder) {
  YoloRows rows{1, {}};
  for (const float score : {0.5f, 0.9f, 0.5f, 0.7f}) {
    const float x = 10 * static_cast<float>(rows.size() + 1);
    rows.values.insert(rows.values.end(), {x, 60, 4, 6, score, 1});
  }
  for (const char* rules : {"alphapose", "darknet"}) {
    const auto people = detector_rules(rules).candidates(rows, {{100, 100}, {100, 100}, 0, 0.1f});
    ASSERT_EQ(people.size(), 4u);
    EXPECT_EQ(people[0].box.x1, 18);
    EXPECT_EQ(people[0].box.y1, 57);
    EXPECT_EQ(people[0].box.x2, 22);
    EXPECT_EQ(people[0].box.y2, 63);
    EXPECT_EQ(people[1].box.x1, 38);
    EXPECT_EQ(people[2].box.x1, 8);
    EXPECT_EQ(people[3].box.x1, 28);
  }
}

TEST(AlphaposeRules, BoxesComeBackFromTheLetterboxAndEndAtThePhoto) {
  const auto back = detector_rules("alphapose").to_photo;
  // 200x100 on 100x100: scale 1/2, bars of 25 above and below.
  const Box box = back({10, 30, 60, 70}, {100, 100}, {200, 100});
  EXPECT_FLOAT_EQ(box.x1, 20);
  EXPECT_FLOAT_EQ(box.y1, 10);
  EXPECT_FLOAT_EQ(box.x2, 120);
  EXPECT_FLOAT_EQ(box.y2, 90);
  const Box clipped = back({-10, 5, 130, 99}, {100, 100}, {200, 100});
  EXPECT_EQ(clipped.x1, 0);
  EXPECT_EQ(clipped.y1, 0);
  EXPECT_EQ(clipped.x2, 200);
  EXPECT_EQ(clipped.y2, 100);
  const Box high = back({30, 10, 70, 60}, {100, 100}, {100, 200});
  EXPECT_FLOAT_EQ(high.x1, 10);
  EXPECT_FLOAT_EQ(high.y1, 20);
}

TEST(Iou, CountsPixelsAsTheTraditionsDo) {
  const Box a{0, 0, 9, 9}, b{5, 0, 14, 9};
  EXPECT_FLOAT_EQ(iou(a, b, 1), 50 / 150.0f);
  EXPECT_FLOAT_EQ(iou(a, b, 0), 36 / 126.0f);
  EXPECT_EQ(iou(a, {30, 0, 40, 9}, 0), 0);
  EXPECT_EQ(iou(a, {0, 30, 9, 40}, 1), 0);
  EXPECT_FLOAT_EQ(iou(a, {2, 3, 4, 5}, 0), 4 / 81.0f);
}

TEST(SuppressBoxes, AlphaposeDropsAtTheThresholdDarknetAboveIt) {
  // 10x10 and 10x5 pixels: IoU exactly one half, counted either way.
  const std::vector<Detection> plain{person(0, 0, 10, 10, 0.9f), person(0, 0, 10, 5, 0.8f)};
  const std::vector<Detection> extra{person(0, 0, 9, 9, 0.9f), person(0, 0, 9, 4, 0.8f)};
  EXPECT_EQ(suppress_boxes({plain}, detector_rules("darknet"), 0.5f)[0].size(), 2u);
  EXPECT_EQ(suppress_boxes({extra}, detector_rules("alphapose"), 0.5f)[0].size(), 1u);
  EXPECT_EQ(suppress_boxes({extra}, detector_rules("alphapose"), 0.51f)[0].size(), 2u);
}

TEST(SuppressBoxes, WhoIsGoneSuppressesNobody) {
  const std::vector<Detection> chain{person(0, 0, 10, 10, 0.9f), person(4, 0, 10, 10, 0.8f),
                                     person(8, 0, 10, 10, 0.7f)};
  const auto kept = suppress_boxes({chain}, detector_rules("darknet"), 0.3f)[0];
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].score, 0.9f);
  EXPECT_EQ(kept[1].score, 0.7f);
}

TEST(SuppressBoxes, MoreThanAHundredPeopleInABatchAreLookedAtMoreStrictly) {
  // Pairs of boxes with an IoU of 0.57 (with +1): kept at 0.6, one of each dropped at 0.55.
  const auto batch = [](int pairs, int singles) {
    std::vector<std::vector<Detection>> photos(2);
    for (int i = 0; i < pairs; ++i) {
      photos[0].push_back(person(0, 100.0f * static_cast<float>(i), 10, 10, 0.9f));
      photos[0].push_back(person(3, 100.0f * static_cast<float>(i), 10, 10, 0.8f));
    }
    for (int i = 0; i < singles; ++i)
      photos[1].push_back(person(0, 100.0f * static_cast<float>(i), 10, 10, 0.9f));
    return photos;
  };
  const auto total = [&](const char* rules, int pairs, int singles) {
    const auto kept = suppress_boxes(batch(pairs, singles), detector_rules(rules), 0.6f);
    return kept[0].size() + kept[1].size();
  };
  EXPECT_EQ(total("alphapose", 40, 20), 100u);
  EXPECT_EQ(total("alphapose", 40, 21), 61u);
  EXPECT_EQ(total("darknet", 40, 21), 101u);
}

/// A network that finds one person and counts how often it is asked.
class CountingNetwork : public Network {
 public:
  explicit CountingNetwork(int* calls) : calls_(calls) {}
  std::vector<Blob> forward(const Blob& batch) override {
    ++*calls_;
    Blob map({batch.dim(0), 6, 2, 2});
    for (std::int64_t i = 0; i < map.elements(); ++i) map.data()[i] = i / 4 % 6 < 4 ? 0.0f : 5.0f;
    return {map};
  }

 private:
  int* calls_;
};

TEST(YoloDetector, LooksAtEveryPhotoThatFillsAPixelOfItsInput) {
  for (const char* rules : {"alphapose", "darknet"})
    for (const auto& [w, h, seen] :
         {std::tuple{64, 1, 1}, {65, 1, 0}, {1, 64, 1}, {1, 65, 0}, {128, 2, 1}, {128, 1, 0}}) {
      int calls = 0;
      DetectorOptions options;
      options.rules = rules;
      auto detector = make_yolo_detector(std::make_unique<CountingNetwork>(&calls),
                                         {YoloHead{{32}, {32}, 1, 1}}, {64, 64}, options);
      detector->detect({detector->prepare(cv::Mat(h, w, CV_8UC3, cv::Scalar()), "a")}, nullptr);
      EXPECT_EQ(calls, seen) << w << "x" << h;
    }
}

TEST(YoloDetector, GivesPhotosToTheNetworkInTheirOrder) {
  struct Recorder : Network {
    std::vector<float>* firsts;
    std::vector<Blob> forward(const Blob& batch) override {
      for (std::int64_t i = 0; i < batch.dim(0); ++i) firsts->push_back(batch[i].data()[0]);
      return {Blob({batch.dim(0), 6, 2, 2})};
    }
  };
  std::vector<float> firsts;
  auto network = std::make_unique<Recorder>();
  network->firsts = &firsts;
  DetectorOptions options;
  options.rules = "darknet";
  options.conf = 0.9f;
  auto detector = make_yolo_detector(std::move(network), {YoloHead{{32}, {32}, 1, 1}}, {64, 64}, options);
  std::vector<DetectorInput> batch;
  for (const int red : {51, 102, 255})
    batch.push_back(detector->prepare(cv::Mat(64, 64, CV_8UC3, cv::Scalar(0, 0, red)), "a"));
  detector->detect(batch, nullptr);
  EXPECT_EQ(firsts, (std::vector<float>{0.2f, 0.4f, 1}));
}

TEST(DecodeYolo, KeepsRowsAtTheThresholdAndRefusesMapsThatDoNotFit) {
  const YoloHead head{{10}, {10}, 1, 1}, two{{10}, {10}, 2, 1};
  EXPECT_EQ(decode_yolo({Blob({6, 1, 1})}, {head}, {32, 32}, 0.5f).size(), 1u) << "objectness is exactly 0.5";
  EXPECT_EQ(decode_yolo({Blob({6, 1, 1})}, {head}, {32, 32}, 0.51f).size(), 0u);
  EXPECT_THROW(decode_yolo({}, {}, {32, 32}, 0), Error);
  EXPECT_THROW(decode_yolo({Blob({7, 1, 1})}, {head}, {32, 32}, 0), Error);
  EXPECT_THROW(decode_yolo({Blob({6, 1})}, {head}, {32, 32}, 0), Error);
  EXPECT_THROW(decode_yolo({Blob({6, 1, 1}), Blob({7, 1, 1})}, {head, two}, {32, 32}, 0), Error);
}

TEST(DecodeYolo, CellsAreAsWideAsTheirMapSays) {
  // A map of 4x2 cells over 128x96 pixels: 32 wide, 48 high.
  const YoloRows rows = decode_yolo({Blob({6, 2, 4})}, {{{20}, {30}, 1, 1}}, {128, 96}, 0);
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows.columns(), 6u);
  EXPECT_FLOAT_EQ(rows[6][0], 2.5f * 32);
  EXPECT_FLOAT_EQ(rows[6][1], 1.5f * 48);
  EXPECT_FLOAT_EQ(rows[6][2], 20);
  EXPECT_FLOAT_EQ(rows[6][3], 30);
}

GivenBoxes boxes_of(const std::string& id, const std::string& box,
                    const std::string& rest = "\"category_id\": 1, \"score\": 0.5") {
  return parse_given_boxes("[{\"image_id\": " + id + ", \"bbox\": " + box + ", " + rest + "}]", "x.json",
                           0.5f);
}

TEST(GivenBoxes, NumbersOfCocoAreTheLastPieceOfTheName) {
  const GivenBoxes boxes = boxes_of("42", "[1, 2, 3, 4]");
  for (const char* name : {"42", "42.jpg", "a_42.jpg", "a_b_0042.tar.jpg", "d_7/42.jpg", "-x_42"})
    EXPECT_NE(boxes.find(name), nullptr) << name;
  for (const char* name :
       {"42a.jpg", "a42.jpg", "4 2.jpg", "_.jpg", ".jpg", "42_", "99999999999999999999.jpg"})
    EXPECT_EQ(boxes.find(name), nullptr) << name;
  EXPECT_EQ(boxes_of("-42", "[1, 2, 3, 4]").find("-42.jpg"), nullptr) << "no image has such a number";
}

TEST(GivenBoxes, ExactNamesComeFirst) {
  const GivenBoxes boxes = parse_given_boxes(
      R"([{"image_id": "a/7.jpg", "category_id": 1, "bbox": [1, 0, 1, 1], "score": 1},
          {"image_id": "7.jpg", "category_id": 1, "bbox": [2, 0, 1, 1], "score": 1},
          {"image_id": 7, "category_id": 1, "bbox": [3, 0, 1, 1], "score": 1}])",
      "x.json", 0);
  EXPECT_EQ(boxes.find("a/7.jpg")->at(0).box.x1, 1);
  EXPECT_EQ(boxes.find("b/7.jpg")->at(0).box.x1, 2);
  EXPECT_EQ(boxes.find("b/7.png")->at(0).box.x1, 3);
}

TEST(GivenBoxes, RangesReachAMillionPixels) {
  const GivenBoxes boxes = boxes_of("1", "[-1000000, -1000000, 1000000, 1]");
  const Detection& d = boxes.find("1")->at(0);
  EXPECT_EQ(d.box.x1, -1e6f);
  EXPECT_EQ(d.box.x2, 0);
  EXPECT_EQ(d.box.y2, -999999.0f);
  EXPECT_EQ(d.class_score, 0.5f);
  EXPECT_EQ(d.class_id, 0);
  for (const char* box : {"[-1000001, 0, 1, 1]", "[0, 1000001, 1, 1]", "[0, 0, 1000001, 1]", "[0, 0, 1, -1]",
                          "[0, 0, 1, 1, 1]", "{}"})
    EXPECT_THROW(boxes_of("1", box), Error) << box;
  for (const char* score : {"-1000001", "1000001", "\"1\""})
    EXPECT_THROW(boxes_of("1", "[0, 0, 1, 1]", std::string("\"category_id\": 1, \"score\": ") + score), Error)
        << score;
  for (const char* category : {"1.5", "\"1\"", "null"})
    EXPECT_THROW(boxes_of("1", "[0, 0, 1, 1]", std::string("\"score\": 1, \"category_id\": ") + category),
                 Error)
        << category;
}

TEST(GivenBoxes, EntriesThatAreLeftOutAreCheckedAllTheSame) {
  EXPECT_EQ(boxes_of("1", "[0, 0, 1, 1]", "\"category_id\": 2, \"score\": 1").find("1"), nullptr);
  EXPECT_EQ(boxes_of("1", "[0, 0, 1, 1]", "\"category_id\": 1, \"score\": 0.49").find("1"), nullptr);
  EXPECT_THROW(boxes_of("null", "[0, 0, 1, 1]", "\"category_id\": 2, \"score\": 1"), Error);
}

TEST(WholeImageDetector, IsOfClassPersonAndLeavesATrace) {
  const auto detector = make_whole_image_detector();
  std::vector<DetectorTrace> traces;
  const auto people =
      detector->detect({detector->prepare(cv::Mat(4, 6, CV_8UC3, cv::Scalar()), "a")}, &traces);
  EXPECT_EQ(traces.size(), 1u);
  EXPECT_EQ(people.at(0).at(0).box.x1, 0);
  EXPECT_EQ(people[0][0].box.y1, 0);
  EXPECT_EQ(people[0][0].class_score, 1);
  EXPECT_EQ(people[0][0].class_id, 0);
}

}  // namespace
}  // namespace pose
