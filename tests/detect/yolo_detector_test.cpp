#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <opencv2/core/mat.hpp>
#include <string>

#include "detect/yolo_rows.h"
#include "pose/detect.h"
#include "pose/error.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

float logit(float p) { return std::log(p / (1 - p)); }

/// A network whose one map `[anchors * (5 + classes), 2, 2]` is filled by a function of photo, channel and
/// cell.
class FakeNetwork : public Network {
 public:
  using Fill = std::function<float(std::int64_t photo, std::int64_t channel, std::int64_t cell)>;
  FakeNetwork(std::int64_t channels, Fill fill, std::vector<std::int64_t>* batches)
      : channels_(channels), fill_(std::move(fill)), batches_(batches) {}

  std::vector<Blob> forward(const Blob& batch) override {
    if (batches_) batches_->push_back(batch.dim(0));
    Blob map({batch.dim(0), channels_, 2, 2});
    for (std::int64_t i = 0; i < map.elements(); ++i)
      map.data()[i] = fill_(i / (channels_ * 4), i / 4 % channels_, i % 4);
    return {map};
  }

 private:
  std::int64_t channels_;
  Fill fill_;
  std::vector<std::int64_t>* batches_;
};

/// One person in the middle of cell 0 of every photo, 32x32 pixels of a 64x64 input.
float one_person(std::int64_t, std::int64_t channel, std::int64_t cell) {
  if (channel < 4) return 0;
  return logit(cell == 0 ? 0.9f : 0.001f);
}

std::unique_ptr<Detector> make_detector(const std::string& rules, FakeNetwork::Fill fill = one_person,
                                        int classes = 1, std::vector<std::int64_t>* batches = nullptr) {
  DetectorOptions options;
  options.rules = rules;
  options.conf = 0.3f;
  return make_yolo_detector(std::make_unique<FakeNetwork>(5 + classes, std::move(fill), batches),
                            {YoloHead{{32}, {32}, classes, 1}}, {64, 64}, options);
}

cv::Mat photo(int width, int height) { return cv::Mat(height, width, CV_8UC3, cv::Scalar(10, 20, 30)); }

TEST(DecodeYolo, follows_the_formula) {
  const YoloHead head{{32, 16}, {64, 8}, 2, 1.0f};
  Blob map({2 * 7, 2, 4});
  for (std::int64_t i = 0; i < map.elements(); ++i) map.data()[i] = 0.01f * static_cast<float>(i % 53) - 0.2f;
  const YoloRows rows = decode_yolo({map}, {head}, {128, 64}, 0);
  ASSERT_EQ(rows.size(), 16u);
  const std::size_t index = (1 * 4 + 3) * 2 + 1;  // cell x 3, y 1, anchor 1
  const auto t = [&](int j) { return static_cast<double>(map.data()[(7 + j) * 8 + 7]); };
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  EXPECT_NEAR(rows[index][0], (sigmoid(t(0)) + 3) * 32, 1e-4);
  EXPECT_NEAR(rows[index][1], (sigmoid(t(1)) + 1) * 32, 1e-4);
  EXPECT_NEAR(rows[index][2], std::exp(t(2)) * 16, 1e-4);
  EXPECT_NEAR(rows[index][3], std::exp(t(3)) * 8, 1e-4);
  for (int j = 4; j < 7; ++j) EXPECT_NEAR(rows[index][j], sigmoid(t(j)), 1e-6);
}

TEST(DecodeYolo, stretches_the_cell_with_scale_x_y) {
  Blob map({6, 1, 1});
  map.data()[0] = logit(0.9f);
  const YoloRows rows = decode_yolo({map}, {{{10}, {10}, 1, 1.2f}}, {100, 100}, 0);
  EXPECT_NEAR(rows[0][0], ((0.9 - 0.5) * 1.2 + 0.5) * 100, 1e-3);
  EXPECT_NEAR(rows[0][1], 50, 1e-3);
}

TEST(DecodeYolo, takes_new_coords_as_they_are) {
  Blob map({6, 1, 2});
  const std::vector<float> second{0.25f, 0.75f, 0.5f, 1.0f, 0.8f, 0.6f};
  for (std::size_t j = 0; j < second.size(); ++j) map.data()[2 * j + 1] = second[j];
  const YoloRows rows = decode_yolo({map}, {{{10}, {20}, 1, 2, true}}, {64, 32}, 0.5f);
  ASSERT_EQ(rows.size(), 1u) << "an objectness of 0 stays below";
  EXPECT_NEAR(rows[0][0], (0.25 * 2 - 0.5 + 1) * 32, 1e-4);
  EXPECT_NEAR(rows[0][1], (0.75 * 2 - 0.5) * 32, 1e-4);
  EXPECT_NEAR(rows[0][2], 10, 1e-4);
  EXPECT_NEAR(rows[0][3], 4 * 20, 1e-4);
  EXPECT_EQ(rows[0][4], 0.8f);
  EXPECT_EQ(rows[0][5], 0.6f);
}

TEST(DecodeYolo, leaves_out_rows_below_the_threshold_and_rows_that_are_no_numbers) {
  Blob map({6, 1, 3});
  map.data()[4 * 3 + 0] = logit(0.4f);
  map.data()[4 * 3 + 1] = std::numeric_limits<float>::quiet_NaN();
  map.data()[4 * 3 + 2] = logit(0.6f);
  const YoloRows rows = decode_yolo({map}, {{{10}, {10}, 1, 1}}, {96, 32}, 0.5f);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(rows[0][4], 0.6, 1e-6);
}

TEST(DecodeYolo, refuses_maps_that_do_not_fit) {
  const YoloHead head{{10}, {10}, 1, 1};
  EXPECT_THROW(decode_yolo({Blob({5, 1, 1})}, {head}, {32, 32}, 0), Error);
  EXPECT_THROW(decode_yolo({Blob({6, 1, 1})}, {head, head}, {32, 32}, 0), Error);
}

TEST(YoloDetector, finds_people_in_pixels_of_the_photo) {
  auto alphapose = make_detector("alphapose");
  auto darknet = make_detector("darknet");
  // Person of the network input: (0, 0) to (32, 32) of 64x64. The photo is twice as wide as high.
  const auto a = alphapose->detect({alphapose->prepare(photo(128, 64), "a.jpg")}, nullptr);
  ASSERT_EQ(a.at(0).size(), 1u);
  EXPECT_NEAR(a[0][0].box.x2, 64, 1e-4);
  EXPECT_NEAR(a[0][0].box.y2, 32, 1e-4);
  EXPECT_NEAR(a[0][0].score, 0.9, 1e-6);
  const auto d = darknet->detect({darknet->prepare(photo(128, 64), "a.jpg")}, nullptr);
  ASSERT_EQ(d.at(0).size(), 1u);
  EXPECT_NEAR(d[0][0].box.x2, 64, 1e-4);
  EXPECT_NEAR(d[0][0].box.y2, 32, 1e-4);
  EXPECT_NEAR(d[0][0].score, 0.81, 1e-6);
  auto letterbox = make_detector("darknet-letterbox");
  const auto l = letterbox->detect({letterbox->prepare(photo(128, 64), "a.jpg")}, nullptr);
  ASSERT_EQ(l.at(0).size(), 1u);
  EXPECT_EQ(l[0][0].box.x2, a[0][0].box.x2);
  EXPECT_EQ(l[0][0].box.y2, a[0][0].box.y2);
  EXPECT_NEAR(l[0][0].score, 0.81, 1e-6);
}

TEST(YoloDetector, keeps_the_photos_of_a_batch_apart) {
  std::vector<std::int64_t> batches;
  const auto second_only = [](std::int64_t item, std::int64_t channel, std::int64_t cell) {
    return item == 1 ? one_person(item, channel, cell) : -10.0f;
  };
  auto detector = make_detector("alphapose", second_only, 1, &batches);
  std::vector<DetectorTrace> traces(2);  // of an earlier batch
  const auto found =
      detector->detect({detector->prepare(photo(64, 64), "a"), detector->prepare(photo(1, 5000), "thin"),
                        detector->prepare(photo(64, 64), "b")},
                       &traces);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_TRUE(found[0].empty());
  EXPECT_TRUE(found[1].empty());
  EXPECT_EQ(found[2].size(), 1u);
  EXPECT_EQ(batches, (std::vector<std::int64_t>{2}));
  ASSERT_EQ(traces.size(), 3u);
  EXPECT_EQ(traces[2].before_nms.size(), 1u);
}

TEST(YoloDetector, finds_nobody_in_pictures_without_room_for_a_person) {
  for (const char* rules : {"alphapose", "darknet"}) {
    std::vector<std::int64_t> batches;
    auto detector = make_detector(rules, one_person, 1, &batches);
    for (const auto& [w, h] : std::vector<std::pair<int, int>>{{1, 5000}, {5000, 1}}) {
      const auto found = detector->detect({detector->prepare(photo(w, h), "thin")}, nullptr);
      ASSERT_EQ(found.size(), 1u);
      EXPECT_TRUE(found[0].empty());
    }
    EXPECT_TRUE(batches.empty());
    EXPECT_EQ(detector->detect({detector->prepare(photo(1, 1), "dot")}, nullptr).size(), 1u);
    EXPECT_TRUE(detector->detect({}, nullptr).empty());
  }
}

using test::expect_error;

TEST(YoloDetector, names_a_network_that_gives_no_numbers) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const char* rules : {"alphapose", "darknet"}) {
      const auto one_bad = [bad](std::int64_t item, std::int64_t channel, std::int64_t cell) {
        return channel == 2 && cell == 3 ? bad : one_person(item, channel, cell);
      };
      auto detector = make_detector(rules, one_bad);
      expect_error(ErrorKind::kMismatch, "numbers that are not finite",
                   [&] { detector->detect({detector->prepare(photo(64, 48), "a")}, nullptr); });
    }
  }
}

TEST(YoloDetector, survives_boxes_that_overflow) {
  for (const float large : {1e38f, 100.0f}) {
    for (const char* rules : {"alphapose", "darknet"}) {
      auto detector =
          make_detector(rules, [large](std::int64_t, std::int64_t, std::int64_t) { return large; });
      const auto found = detector->detect({detector->prepare(photo(64, 48), "a")}, nullptr);
      for (const Detection& d : found.at(0)) {
        EXPECT_GE(d.box.x1, 0);
        EXPECT_LE(d.box.x2, 64);
      }
    }
  }
}

void expect_person_class(DetectorOptions options, int classes, int expected) {
  options.rules = "darknet";
  options.conf = 0.3f;
  const auto fill = [=](std::int64_t, std::int64_t channel, std::int64_t cell) {
    return channel < 4 ? 0.0f : logit(cell == 0 && (channel == 4 || channel == 5 + expected) ? 0.9f : 0.01f);
  };
  auto detector = make_yolo_detector(std::make_unique<FakeNetwork>(5 + classes, fill, nullptr),
                                     {YoloHead{{32}, {32}, classes, 1}}, {64, 64}, options);
  const auto found = detector->detect({detector->prepare(photo(64, 64), "a")}, nullptr);
  ASSERT_EQ(found[0].size(), 1u);
  EXPECT_EQ(found[0][0].class_id, expected);
}

TEST(YoloDetector, knows_the_person_class_of_common_class_counts) {
  expect_person_class({}, 80, 0);
  expect_person_class({}, 20, 14);
  expect_person_class({}, 1, 0);
}

TEST(YoloDetector, takes_the_person_class_from_the_options_or_from_names) {
  DetectorOptions options;
  options.person_class = 3;
  expect_person_class(options, 7, 3);
  const test::TempFolder folder;
  test::write_text(folder / "x.names", "cat\r\ndog\r\nPerson\r\n\r\n");
  options.person_class = -1;
  options.names = folder / "x.names";
  expect_person_class(options, 3, 2);
  options.names = test::data_path("../../models/coco.names");
  expect_person_class(options, 80, 0);
}

TEST(YoloDetector, refuses_pictures_and_inputs_that_are_not_its_own) {
  auto detector = make_detector("darknet");
  for (const cv::Mat& wrong :
       {cv::Mat(), cv::Mat(8, 8, CV_8UC1), cv::Mat(8, 8, CV_8UC4), cv::Mat(8, 8, CV_32FC3)}) {
    expect_error(ErrorKind::kUsage, "8-bit pictures with three channels",
                 [&] { detector->prepare(wrong, "a"); });
    expect_error(ErrorKind::kUsage, "8-bit", [&] { make_whole_image_detector()->prepare(wrong, "a"); });
  }
  DetectorInput strange = detector->prepare(photo(64, 64), "strange.jpg");
  strange.pixels = Blob({3, 32, 64});
  expect_error(ErrorKind::kUsage, "did not prepare the photo 'strange.jpg'",
               [&] { detector->detect({strange}, nullptr); });
  strange = detector->prepare(photo(64, 64), "strange.jpg");
  strange.photo = {0, 64};
  expect_error(ErrorKind::kUsage, "strange.jpg", [&] { detector->detect({strange}, nullptr); });
  expect_error(ErrorKind::kUsage, "''",
               [] { make_whole_image_detector()->detect({DetectorInput()}, nullptr); });
  EXPECT_TRUE(make_whole_image_detector()->detect({}, nullptr).empty());
}

/// Gives blobs of these shapes whatever it is asked.
struct ShapesNetwork : Network {
  explicit ShapesNetwork(std::vector<std::vector<std::int64_t>> all) : shapes(std::move(all)) {}
  std::vector<Blob> forward(const Blob&) override {
    std::vector<Blob> outputs;
    for (const auto& shape : shapes) outputs.emplace_back(shape);
    return outputs;
  }
  std::vector<std::vector<std::int64_t>> shapes;
};

TEST(YoloDetector, refuses_maps_that_are_not_its_heads) {
  const std::vector<std::vector<std::vector<std::int64_t>>> wrong{
      {}, {{1, 6, 2, 2}, {1, 6, 2, 2}}, {{2, 6, 2, 2}}, {{6, 2, 2}}, {{1, 7, 2, 2}}};
  for (const auto& shapes : wrong) {
    auto detector = make_yolo_detector(std::make_unique<ShapesNetwork>(shapes), {YoloHead{{32}, {32}, 1, 1}},
                                       {64, 64}, {});
    expect_error(ErrorKind::kMismatch, "detector",
                 [&] { detector->detect({detector->prepare(photo(64, 64), "a")}, nullptr); });
  }
}

void expect_refused(const DetectorOptions& options, std::vector<YoloHead> heads, Size input, ErrorKind kind,
                    const std::string& part) {
  try {
    make_yolo_detector(std::make_unique<FakeNetwork>(6, one_person, nullptr), std::move(heads), input,
                       options);
    FAIL() << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(YoloDetector, refuses_what_it_cannot_do) {
  const YoloHead head{{32}, {32}, 1, 1}, seven{{32}, {32}, 7, 1};
  DetectorOptions options;
  expect_refused(options, {}, {64, 64}, ErrorKind::kUnsupported, "no yolo section");
  expect_refused(options, {head, seven}, {64, 64}, ErrorKind::kUnsupported, "different classes");
  expect_refused(options, {seven}, {64, 64}, ErrorKind::kUsage, "7 classes is the person");
  expect_refused(options, {head}, {64, 32}, ErrorKind::kUsage, "square");
  for (const float bad :
       {-0.1f, 1.1f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    options = {};
    options.conf = bad;
    expect_refused(options, {head}, {64, 64}, ErrorKind::kUsage, "(conf) must lie between 0 and 1");
    options = {};
    options.nms = bad;
    expect_refused(options, {head}, {64, 64}, ErrorKind::kUsage, "(nms) must lie between 0 and 1");
  }
  options = {};
  expect_refused(options, {head}, {0, 0}, ErrorKind::kUsage, "sides from 1 to 8192");
  expect_refused(options, {head}, {8224, 8224}, ErrorKind::kUsage, "sides from 1 to 8192");
  const std::vector<YoloHead> senseless{{{}, {}, 1, 1},      {{32}, {}, 1, 1},    {{32}, {0}, 1, 1},
                                        {{-1}, {32}, 1, 1},  {{32}, {32}, 0, 1},  {{32}, {32}, 1, 0},
                                        {{NAN}, {32}, 1, 1}, {{32}, {32}, 1, NAN}};
  for (const YoloHead& bad : senseless)
    expect_refused(options, {bad}, {64, 64}, ErrorKind::kUsage, "pairs of positive anchors");
  options.rules = "darknett";
  expect_refused(options, {head}, {64, 64}, ErrorKind::kUsage, "did you mean 'darknet'?");
  options.rules = "alphapose";
  expect_error(ErrorKind::kUsage, "needs a network", [&] {
    make_yolo_detector(nullptr, {head}, {64, 64}, {});
  });
  options.person_class = 1;
  expect_refused(options, {head}, {64, 64}, ErrorKind::kUsage, "person class 1 does not exist");
  options.person_class = -1;
  options.names = "/nowhere.names";
  expect_refused(options, {head}, {64, 64}, ErrorKind::kNotFound, "/nowhere.names");
  const test::TempFolder folder;
  test::write_text(folder / "x.names", "cat\n");
  options.names = folder / "x.names";
  expect_refused(options, {head}, {64, 64}, ErrorKind::kUsage, "'person'");
  expect_refused(options, {seven}, {64, 64}, ErrorKind::kMismatch, "names 1 classes");
}

}  // namespace
}  // namespace pose
