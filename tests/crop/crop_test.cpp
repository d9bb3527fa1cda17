#include "pose/crop.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

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
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Box box : {Box{1e20f, 1e20f, 2e20f, 2e20f}, Box{-500, -500, -400, -400}, Box{nan, nan, nan, nan},
                        Box{3, 3, 3, 3}})
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

TEST(CropMethod, UnknownNameIsAUsageError) { EXPECT_THROW(crop_method("afine"), Error); }

}  // namespace
}  // namespace pose
