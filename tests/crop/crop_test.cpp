#include "pose/crop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

#include "crop/affine.h"
#include "crop/alphapose.h"
#include "pose/error.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

InputSpec alphapose_input() {
  InputSpec input;
  input.width = 256;
  input.height = 320;
  input.mean = {0.406, 0.457, 0.480};
  return input;
}

InputSpec hrnet_input(const json& c) {
  InputSpec input;
  input.width = c["input_size"][0];
  input.height = c["input_size"][1];
  input.rgb = c["color_rgb"];
  input.mean = {0.485, 0.456, 0.406};
  input.std = {0.229, 0.224, 0.225};
  return input;
}

cv::Mat picture_of(const json& c, int width, int height) {
  std::vector<std::uint8_t> bytes = test::seeded_picture(c["image_key"].get<std::string>(), width, height);
  const std::string rule = c.value("image_rule", "noise");
  for (std::uint8_t& byte : bytes)
    byte = static_cast<std::uint8_t>(rule == "dark" ? byte / 128 : rule == "dim" ? byte / 86 : byte);
  return cv::Mat(height, width, CV_8UC3, bytes.data()).clone();
}

Blob cut(const cv::Mat& picture, const Crop& crop, const InputSpec& input) {
  Blob pixels({3, input.height, input.width});
  Cropper(picture, input).cut(crop, pixels.data());
  return pixels;
}

TEST(AlphaPoseCrop, BoxesMatricesAndPixelsAreTheReferences) {
  const json golden = test::golden("crop.json");
  const InputSpec input = alphapose_input();
  for (const json& c : golden["cases"]) {
    const Size photo{c["width"], c["height"]};
    const cv::Mat picture = picture_of(c, photo.width, photo.height);
    for (const json& expected : c["crops"]) {
      SCOPED_TRACE(c["image_key"].get<std::string>() + " " + expected["box"].dump());
      const auto b = expected["box"].get<std::vector<float>>();
      const Crop crop = crop_method("alphapose").plan({b[0], b[1], b[2], b[3]}, photo, input);
      EXPECT_EQ(crop.grown.x1, expected["pt1"][0].get<float>());
      EXPECT_EQ(crop.grown.y1, expected["pt1"][1].get<float>());
      EXPECT_EQ(crop.grown.x2, expected["pt2"][0].get<float>());
      EXPECT_EQ(crop.grown.y2, expected["pt2"][1].get<float>());
      const AlphaPoseCut points = alphapose_cut(crop.grown, crop.input);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(points.source[i].x, expected["affine_src"][i][0].get<float>());
        EXPECT_EQ(points.source[i].y, expected["affine_src"][i][1].get<float>());
        EXPECT_EQ(points.target[i].x, expected["affine_dst"][i][0].get<float>());
        EXPECT_EQ(points.target[i].y, expected["affine_dst"][i][1].get<float>());
      }
      const json& matrix = expected.contains("affine") ? expected["affine"] : expected["matrix"];
      const std::vector<double> flat = matrix.is_array() && matrix[0].is_array()
                                           ? std::vector<double>{matrix[0][0], matrix[0][1], matrix[0][2],
                                                                 matrix[1][0], matrix[1][1], matrix[1][2]}
                                           : matrix.get<std::vector<double>>();
      for (std::size_t i = 0; i < 6; ++i)
        EXPECT_NEAR(crop.to_input[i], flat[i], 1e-6 * std::max(1.0, std::abs(flat[i])));
      const json& summary = expected.contains("crop") ? expected["crop"] : expected["tensor"];
      // Samples 1e-4; the mean of all values 1e-5.
      const Blob pixels = cut(picture, crop, input);
      double sum = 0;
      for (std::int64_t i = 0; i < pixels.elements(); ++i) sum += pixels.data()[i];
      EXPECT_NEAR(sum, summary["sum"].get<double>(), 1e-5 * static_cast<double>(pixels.elements()));
      for (const auto& s : summary["samples"])
        EXPECT_NEAR(pixels.data()[s[0].get<std::int64_t>()], s[1].get<double>(), 1e-4);
    }
  }
}

TEST(AlphaPoseCrop, BoxesFromNowhereGiveBlankCrops) {
  const InputSpec input = alphapose_input();
  const cv::Mat picture(50, 40, CV_8UC3, cv::Scalar(9, 200, 77));
  for (const Box box : {Box{1e20f, 1e20f, 2e20f, 2e20f}, Box{-500, -500, -400, -400}, Box{3, 3, 3, 3}})
    EXPECT_EQ(cut(picture, crop_method("alphapose").plan(box, {40, 50}, input), input).elements(),
              3 * 320 * 256);
}

/// MPII annotations: centre and one scale, 1-based. Source: src/crop/README.md, 8.
void mpii_center(const json& c, double center[2], double& scale) {
  center[0] = c["annotation_center"][0];
  center[1] = c["annotation_center"][1];
  scale = c["annotation_scale"];
  if (center[0] != -1) {
    center[1] += 15 * scale;
    scale *= 1.25;
  }
  center[0] -= 1;
  center[1] -= 1;
}

TEST(AffineCrop, CentresMatricesAndPixelsAreTheReferences) {
  for (const json& c : test::golden("hrnet_preprocess.json")["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const InputSpec input = hrnet_input(c);
    Crop crop;
    crop.input = {input.width, input.height};
    double center[2], source_width;
    if (c["style"] == "coco") {
      const auto b = c["box_xywh"].get<std::vector<double>>();
      const CenterScale cs = center_scale(b[0], b[1], b[2], b[3], crop.input);
      EXPECT_EQ(cs.center.x, c["center"][0].get<float>());
      EXPECT_EQ(cs.center.y, c["center"][1].get<float>());
      EXPECT_EQ(cs.scale.x, c["scale"][0].get<float>());
      EXPECT_EQ(cs.scale.y, c["scale"][1].get<float>());
      center[0] = cs.center.x;
      center[1] = cs.center.y;
      source_width = cs.scale.x * 200.0f;
    } else {
      double scale;
      mpii_center(c, center, scale);
      EXPECT_NEAR(center[0], c["center"][0].get<double>(), 1e-12);
      EXPECT_NEAR(center[1], c["center"][1].get<double>(), 1e-12);
      EXPECT_NEAR(scale, c["scale"][0].get<double>(), 1e-12);
      source_width = scale * 200;
    }
    crop.to_input = affine_matrix(center[0], center[1], source_width, 0, crop.input, false);
    const auto back =
        affine_matrix(center[0], center[1], source_width, 0, {input.width / 4, input.height / 4}, true);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_NEAR(crop.to_input[i], c["affine"][i].get<double>(), 1e-8);
      EXPECT_NEAR(back[i], c["heatmap_to_image"][i].get<double>(), 1e-8);
    }
    const auto shape = c["image_shape"].get<std::vector<int>>();
    const Blob pixels = cut(picture_of(c, shape[1], shape[0]), crop, input);
    test::expect_summary(pixels, c["tensor"], {1e-6, 0, 1e-6}, "tensor");
  }
}

TEST(AffineCrop, AGivenBoxIsNotRoundedBefore) {
  std::size_t other = 0;
  for (const json& c : test::golden("hrnet_preprocess.json")["cases"]) {
    if (c["style"] != "coco") continue;
    InputSpec input;
    input.width = c["input_size"][0];
    input.height = c["input_size"][1];
    const auto b = c["box_xywh"].get<std::vector<double>>();
    const Rect given{b[0], b[1], b[2], b[3]};
    const Crop exact = crop_method("affine").plan(given.corners(), {640, 480}, input, given);
    const std::array<float, 4> expected{c["center"][0], c["center"][1], c["scale"][0], c["scale"][1]};
    EXPECT_EQ(center_scale_of(exact), expected) << c["name"];
    const Crop rounded = crop_method("affine").plan(given.corners(), {640, 480}, input);
    other += center_scale_of(rounded) != expected;
    const Rect in_f32 = rect_of(given.corners());
    EXPECT_EQ(crop_method("affine").plan(in_f32.corners(), {640, 480}, input, in_f32).to_input,
              rounded.to_input);
  }
  EXPECT_GT(other, 0u) << "corners in f32 are not enough";
  const Rect given{10.1, 20.2, 30.3, 40.4};
  const Crop a = crop_method("alphapose").plan(given.corners(), {640, 480}, alphapose_input(), given);
  EXPECT_EQ(a.to_input,
            crop_method("alphapose").plan(given.corners(), {640, 480}, alphapose_input()).to_input);
  EXPECT_FALSE(center_scale_of(a));
}

TEST(AffineCrop, RotatedMatricesAreTheReferences) {
  for (const json& c : test::golden("hrnet_preprocess.json")["rotated"]) {
    const double source_width = c["scale"][0].get<float>() * 200.0f;
    const Size output{c["output_size"][0], c["output_size"][1]};
    const double x = c["center"][0].get<float>(), y = c["center"][1].get<float>();
    const auto forward = affine_matrix(x, y, source_width, c["rotation_degrees"], output, false);
    const auto inverse = affine_matrix(x, y, source_width, c["rotation_degrees"], output, true);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_NEAR(forward[i], c["affine"][i].get<double>(), 1e-8);
      EXPECT_NEAR(inverse[i], c["inverse"][i].get<double>(), 1e-8);
    }
  }
}

TEST(AffineCrop, APointGoesToTheInputAndBack) {
  InputSpec input;
  input.width = 192;
  input.height = 256;
  const Crop crop = crop_method("affine").plan({10.5f, 20.25f, 110.5f, 220}, {640, 480}, input);
  const Point back = heatmap_to_photo(crop, {24, 32}, {48, 64});
  EXPECT_NEAR(back.x, 60.5, 1e-4);
  EXPECT_NEAR(back.y, 120.125, 1e-4);
}

InputSpec small_input() {
  InputSpec input;
  input.width = 48;
  input.height = 64;
  return input;
}

/// Random boxes, at least 10 pixels a side, inside random photos.
std::vector<std::pair<Box, Size>> random_boxes(int count) {
  std::mt19937 random(11);
  const auto up_to = [&](float most) { return most * static_cast<float>(random() % 10'000) / 10'000; };
  std::vector<std::pair<Box, Size>> all;
  for (int i = 0; i < count; ++i) {
    const Size photo{20 + static_cast<int>(random() % 5000), 20 + static_cast<int>(random() % 5000)};
    const auto width = static_cast<float>(photo.width), height = static_cast<float>(photo.height);
    const float x = up_to(width - 12), y = up_to(height - 12);
    all.push_back({{x, y, x + 10 + up_to(width - x - 10), y + 10 + up_to(height - y - 10)}, photo});
  }
  return all;
}

Point to_input(const Crop& crop, Point p) {
  const auto& m = crop.to_input;
  return {static_cast<float>(m[0] * p.x + m[1] * p.y + m[2]),
          static_cast<float>(m[3] * p.x + m[4] * p.y + m[5])};
}

// `heatmap_to_photo` undoes `to_input`: exactly in HRNet's way; AlphaPose's way back leaves the rounding of
// the cut and its slight turn out, which is a few pixels of the photo or of the input, whichever are larger.
TEST(Crops, APlaceOnTheHeatmapComesBackToThePhoto) {
  for (const char* kind : {"affine", "alphapose"}) {
    const InputSpec input = std::string_view(kind) == "affine" ? small_input() : alphapose_input();
    const Size heatmap{input.width / 4, input.height / 4};
    for (const auto& [box, photo] : random_boxes(500)) {
      SCOPED_TRACE(std::string(kind) + " " + std::to_string(box.width()) + "x" +
                   std::to_string(box.height()));
      const Crop crop = crop_method(kind).plan(box, photo, input);
      const double zoom = 1 / std::hypot(crop.to_input[0], crop.to_input[3]);  // photo pixels per input pixel
      const double tolerance = std::string_view(kind) == "affine" ? 0.02 : 4 + 3 * zoom;
      for (const Point place :
           {Point{box.x1, box.y1}, Point{box.x2, box.y1}, Point{(box.x1 + box.x2) / 2, box.y2}}) {
        const Point there = to_input(crop, place);
        const Point back = heatmap_to_photo(crop, {there.x / 4, there.y / 4}, heatmap);
        ASSERT_NEAR(back.x, place.x, tolerance);
        ASSERT_NEAR(back.y, place.y, tolerance);
      }
    }
  }
}

TEST(Crops, TheWholeBoxIsOnTheInput) {
  for (const char* kind : {"affine", "alphapose"}) {
    const InputSpec input = small_input();
    for (const auto& [box, photo] : random_boxes(500)) {
      const Crop crop = crop_method(kind).plan(box, photo, input);
      for (const Point corner : {Point{box.x1, box.y1}, Point{box.x2 - 2, box.y2 - 2}}) {
        const Point there = to_input(crop, corner);
        ASSERT_GE(there.x, -1);
        ASSERT_GE(there.y, -1);
        ASSERT_LE(there.x, input.width);
        ASSERT_LE(there.y, input.height);
      }
    }
  }
}

cv::Mat noise(int width, int height) {
  std::vector<std::uint8_t> bytes = test::seeded_picture("panorama", width, height);
  return cv::Mat(height, width, CV_8UC3, bytes.data()).clone();
}

double greatest_difference(const Blob& a, const Blob& b) {
  double most = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i)
    most = std::max(most, std::abs(double{a.data()[i]} - b.data()[i]));
  return most;
}

double mean_difference(const Blob& a, const Blob& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) sum += std::abs(double{a.data()[i]} - b.data()[i]);
  return sum / static_cast<double>(a.elements());
}

cv::Mat turned(const cv::Mat& picture, bool turn) { return turn ? cv::Mat(picture.t()) : picture; }
Box turned(const Box& b, bool turn) { return turn ? Box{b.y1, b.x1, b.y2, b.x2} : b; }

// A person in a panorama looks as in a picture of usual size with the same surroundings.
TEST(Panoramas, PeopleAreCutAsFromUsualPictures) {
  constexpr int kLong = 40'000, kPart = 2000, kShort = 300;
  for (const bool upright : {false, true})
    for (const int start : {0, 20'000, kLong - kPart}) {
      const cv::Mat part = noise(kPart, kShort);
      cv::Mat whole(kShort, kLong, CV_8UC3, cv::Scalar(0, 0, 0));
      part.copyTo(whole(cv::Rect(start, 0, kPart, kShort)));
      for (const char* kind : {"affine", "alphapose"})
        for (const float x : {600.0f, start == 0 ? 10.0f : 1750.0f}) {
          SCOPED_TRACE(std::string(kind) + " at " + std::to_string(start) + "+" + std::to_string(x));
          const InputSpec input = small_input();
          const Box near = turned(Box{x, 60, x + 150, 240}, upright),
                    far = turned(
                        Box{x + static_cast<float>(start), 60, x + static_cast<float>(start) + 150, 240},
                        upright);
          const cv::Mat small = turned(part, upright), large = turned(whole, upright);
          const Crop near_crop = crop_method(kind).plan(near, {small.cols, small.rows}, input);
          const Crop far_crop = crop_method(kind).plan(far, {large.cols, large.rows}, input);
          // Places are rounded to 1/32 pixel, of f32 numbers that are larger here than there.
          const Blob a = cut(small, near_crop, input), b = cut(large, far_crop, input);
          EXPECT_LE(mean_difference(a, b), 0.003);
          EXPECT_LE(greatest_difference(a, b), 0.07);
          double sum = 0;
          for (std::int64_t i = 0; i < a.elements(); ++i) sum += std::abs(a.data()[i]);
          EXPECT_GT(sum / static_cast<double>(a.elements()), 0.1);
        }
    }
}

// The whole of a panorama as one person: it is shrunk first, and nothing moves.
TEST(Panoramas, TheirWholeIsCutAsFromAShrunkOne) {
  for (const bool upright : {false, true})
    for (const char* kind : {"affine", "alphapose"}) {
      SCOPED_TRACE(std::string(kind) + (upright ? ", upright" : ""));
      cv::Mat small, large;
      cv::resize(noise(40, 3), small, cv::Size(10'000, 75), 0, 0, cv::INTER_CUBIC);
      cv::resize(noise(40, 3), large, cv::Size(40'000, 300), 0, 0, cv::INTER_CUBIC);
      small = turned(small, upright), large = turned(large, upright);
      InputSpec input;
      input.width = upright ? 8 : 960;
      input.height = upright ? 960 : 8;
      const auto all = [](const cv::Mat& m) {
        return Box{0, 0, static_cast<float>(m.cols), static_cast<float>(m.rows)};
      };
      const Blob a = cut(small, crop_method(kind).plan(all(small), {small.cols, small.rows}, input), input),
                 b = cut(large, crop_method(kind).plan(all(large), {large.cols, large.rows}, input), input);
      EXPECT_LE(mean_difference(a, b), 0.01);
    }
}

TEST(Panoramas, BoxesBesideThemGiveBlankCrops) {
  const InputSpec input = small_input();
  const cv::Mat picture(3, 40'000, CV_8UC3, cv::Scalar(200, 200, 200));
  for (const char* kind : {"affine", "alphapose"})
    for (const Box box : {Box{-500, -500, -400, -400}, Box{50'000, 0, 50'100, 100}, Box{7, 1, 7, 1}}) {
      const Blob pixels = cut(picture, crop_method(kind).plan(box, {40'000, 3}, input), input);
      EXPECT_EQ(pixels.elements(), 3 * 48 * 64);
      if (box.x1 >= 0 || std::string_view(kind) != "affine") continue;
      for (std::int64_t i = 0; i < pixels.elements(); ++i) ASSERT_EQ(pixels.data()[i], 0);
    }
}

TEST(Crops, WhatIsNoPictureAndCropsOfAnotherInputAreUsageErrors) {
  const auto kind_of = [](const cv::Mat& picture, const InputSpec& planned) {
    try {
      cut(picture, crop_method("affine").plan({1, 1, 9, 9}, {10, 10}, planned), small_input());
    } catch (const Error& e) {
      return e.kind();
    }
    return ErrorKind::kInternal;
  };
  for (const cv::Mat& picture : {cv::Mat(), cv::Mat(9, 9, CV_8UC1), cv::Mat(9, 9, CV_8UC4),
                                 cv::Mat(9, 9, CV_32FC3), cv::Mat(0, 9, CV_8UC3)})
    EXPECT_EQ(kind_of(picture, small_input()), ErrorKind::kUsage);
  EXPECT_EQ(kind_of(noise(9, 9), alphapose_input()), ErrorKind::kUsage);
}

TEST(CropMethod, RefusesBoxesAndSizesThatCannotBeComputedWith) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const InputSpec input = alphapose_input(), empty;
  const auto refused = [](const char* method, const Box& box, Size photo, const InputSpec& spec) {
    try {
      crop_method(method).plan(box, photo, spec);
      ADD_FAILURE() << method << " " << box.x1 << " " << box.x2;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kUsage) << e.what();
    }
  };
  for (const char* method : {"alphapose", "affine"}) {
    for (const Box box : {Box{nan, 0, 9, 9}, Box{0, nan, 9, 9}, Box{0, 0, inf, 9}, Box{0, 0, 9, -inf}})
      refused(method, box, {40, 50}, input);
    refused(method, {0, 0, 9, 9}, {0, 50}, input);
    refused(method, {0, 0, 9, 9}, {40, -1}, input);
    refused(method, {0, 0, 9, 9}, {40, 50}, empty);
    EXPECT_NO_THROW(crop_method(method).plan({0, 0, 9, 9}, {40, 50}, input));
  }
  refused("affine", {-1e30f, -1e30f, 1e30f, 1e30f}, {40, 50}, input);
}

TEST(HeatmapToPhoto, RefusesWhatHasNoPlace) {
  const Crop crop = crop_method("alphapose").plan({0, 0, 9, 9}, {40, 50}, alphapose_input());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NO_THROW(heatmap_to_photo(crop, {1, 2}, {64, 80}));
  EXPECT_THROW(heatmap_to_photo(crop, {1, 2}, {0, 80}), Error);
  EXPECT_THROW(heatmap_to_photo(crop, {1, 2}, {64, 0}), Error);
  EXPECT_THROW(heatmap_to_photo(crop, {nan, 2}, {64, 80}), Error);
  EXPECT_THROW(heatmap_to_photo(crop, {1, nan}, {64, 80}), Error);
  Crop unplanned;
  unplanned.kind = Crop::Kind::kAlphaPose;
  EXPECT_THROW(heatmap_to_photo(unplanned, {1, 2}, {64, 80}), Error);
}

TEST(Cropper, RefusesOtherPictures) {
  for (const cv::Mat& wrong :
       {cv::Mat(), cv::Mat(8, 8, CV_8UC1), cv::Mat(8, 8, CV_32FC3), cv::Mat(8, 8, CV_8UC4)})
    EXPECT_THROW(Cropper(wrong, alphapose_input()), Error);
}

TEST(CropMethod, UnknownNameIsAUsageError) { EXPECT_THROW(crop_method("afine"), Error); }

}  // namespace
}  // namespace pose
