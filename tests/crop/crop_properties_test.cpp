// What must hold for every crop: the way there and back, sizes, order of channels, edges of photos.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "crop/affine.h"
#include "crop/alphapose.h"
#include "pose/crop.h"

namespace pose {
namespace {

InputSpec input_of(int width, int height) {
  InputSpec input;
  input.width = width;
  input.height = height;
  return input;
}

Point to_input(const Crop& crop, Point p) {
  const auto& m = crop.to_input;
  return {static_cast<float>(m[0] * p.x + m[1] * p.y + m[2]),
          static_cast<float>(m[3] * p.x + m[4] * p.y + m[5])};
}

const Box kTall{30, 40, 90, 240}, kWide{200, 300, 500, 360};

TEST(AffineCrop, APlaceOnTheHeatmapIsAFourthOfThatOnTheInput) {
  for (const Box& box : {kTall, kWide})
    for (const Size size : {Size{192, 256}, Size{256, 192}}) {
      const Crop crop = crop_method("affine").plan(box, {640, 480}, input_of(size.width, size.height));
      for (const Point cell : {Point{0, 0}, Point{10.25f, 3}, Point{47, 31.5f}}) {
        const Point back = to_input(crop, heatmap_to_photo(crop, cell, {size.width / 4, size.height / 4}));
        EXPECT_NEAR(back.x, 4 * cell.x, 1e-2);
        EXPECT_NEAR(back.y, 4 * cell.y, 1e-2);
      }
    }
}

TEST(AffineCrop, TheBoxFillsFourFifthsOfTheInputOnItsLongerSide) {
  for (const Box& box : {kTall, kWide}) {
    const Crop crop = crop_method("affine").plan(box, {640, 480}, input_of(192, 256));
    const Point a = to_input(crop, {box.x1, box.y1}), b = to_input(crop, {box.x2, box.y2});
    EXPECT_NEAR((a.x + b.x) / 2, 96, 1e-3);
    EXPECT_NEAR((a.y + b.y) / 2, 128, 1e-3);
    EXPECT_NEAR(std::max((b.x - a.x) / 192, (b.y - a.y) / 256), 0.8, 1e-4);
    // The crop has the aspect of the input; its area is that of the longer side grown by a quarter.
    const double height = 1.25 * std::max(box.height(), box.width() * 256 / 192);
    EXPECT_NEAR(crop.area, height * height * 192 / 256, 0.1);
    EXPECT_EQ(crop.input.width, 192);
    EXPECT_EQ(crop.input.height, 256);
  }
}

TEST(AffineCrop, ACentreAtMinusOneHasNoMargin) {
  const CenterScale usual = center_scale(-11.5, 20, 20, 80, {192, 256}),
                    odd = center_scale(-11, 20, 20, 80, {192, 256});
  EXPECT_EQ(usual.center.x, -1.5f);
  EXPECT_FLOAT_EQ(usual.scale.y, 0.5f);
  EXPECT_EQ(odd.center.x, -1);
  EXPECT_FLOAT_EQ(odd.scale.y, 0.4f);
  EXPECT_FLOAT_EQ(odd.scale.x, 0.3f);
}

TEST(AlphaPoseCrop, BoxesGrowByAThirdWithinThePhoto) {
  const auto grown = [](const Box& box) {
    return crop_method("alphapose").plan(box, {640, 480}, input_of(256, 320)).grown;
  };
  const Box inside = grown({100, 100, 200, 300});
  EXPECT_FLOAT_EQ(inside.x1, 85);
  EXPECT_FLOAT_EQ(inside.y1, 70);
  EXPECT_FLOAT_EQ(inside.x2, 215);
  EXPECT_FLOAT_EQ(inside.y2, 330);
  const Box all = grown({5, 3, 635, 477});
  EXPECT_EQ(all.x1, 0);
  EXPECT_EQ(all.y1, 0);
  EXPECT_EQ(all.x2, 639);
  EXPECT_EQ(all.y2, 479);
}

TEST(AlphaPoseCrop, NoSideIsBelowFivePixels) {
  const Crop crop = crop_method("alphapose").plan({50, 60, 51, 62}, {640, 480}, input_of(256, 320));
  EXPECT_NEAR(crop.grown.width(), 5, 1e-4);
  EXPECT_NEAR(crop.grown.height(), 5, 1e-4);
  EXPECT_NEAR(crop.area, 25, 1e-3);
  const Crop large = crop_method("alphapose").plan({100, 100, 200, 300}, {640, 480}, input_of(256, 320));
  EXPECT_NEAR(large.area, 130 * 260, 0.01);
}

TEST(AlphaPoseCrop, PlacesOnTheMapComeBackToWhereTheyWereCut) {
  // The way back leaves out a small rotation and half pixels: good to a few pixels on a large person.
  for (const Box& box : {Box{100, 100, 300, 400}, Box{100, 200, 500, 300}}) {
    const Crop crop = crop_method("alphapose").plan(box, {640, 480}, input_of(256, 320));
    for (const Point cell : {Point{16, 20}, Point{32, 40}, Point{48, 60}}) {
      const Point back = to_input(crop, heatmap_to_photo(crop, cell, {64, 80}));
      EXPECT_NEAR(back.x, 4 * cell.x, 4);
      EXPECT_NEAR(back.y, 4 * cell.y, 4);
    }
  }
}

TEST(AlphaPoseCrop, PlacesThatNoPhotoHasAreCutToNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const AlphaPoseCut cut = alphapose_cut({nan, -1e30f, 1e30f, 7.9f}, {256, 320});
  EXPECT_EQ(cut.left, 0);
  EXPECT_EQ(cut.top, -100'000'000);
  EXPECT_EQ(cut.right, 100'000'000);
  EXPECT_EQ(cut.bottom, 6);
}

/// A photo whose left half is blue and whose right half is red.
cv::Mat halves() {
  cv::Mat photo(100, 200, CV_8UC3, cv::Scalar(250, 0, 0));
  photo(cv::Rect(100, 0, 100, 100)).setTo(cv::Scalar(0, 0, 200));
  return photo;
}

struct Cut {
  std::vector<float> values;
  int width, height;
  float at(int channel, int x, int y) const {
    return values[static_cast<std::size_t>((channel * height + y) * width + x)];
  }
};

Cut cut(const char* method, const InputSpec& input, const Box& box) {
  const cv::Mat photo = halves();
  Cut result{std::vector<float>(static_cast<std::size_t>(3 * input.width * input.height)), input.width,
             input.height};
  Cropper cropper(photo, input);
  // Twice: the table of values is made once.
  for (int i = 0; i < 2; ++i)
    cropper.cut(crop_method(method).plan(box, {photo.cols, photo.rows}, input), result.values.data());
  return result;
}

TEST(Cropper, ChannelsAreInTheOrderOfTheNetworkAndNormalised) {
  for (const char* method : {"affine", "alphapose"})
    for (const bool rgb : {true, false}) {
      InputSpec input = input_of(64, 32);
      input.rgb = rgb;
      input.mean = {0.1, 0.2, 0.3};
      input.std = {0.5, 1, 0.25};
      const Cut crop = cut(method, input, {60, 30, 140, 70});
      // In the network's order; blue is the last of RGB.
      const std::array<double, 3> blue =
          rgb ? std::array<double, 3>{0, 0, 250 / 255.0} : std::array<double, 3>{250 / 255.0, 0, 0};
      const std::array<double, 3> red =
          rgb ? std::array<double, 3>{200 / 255.0, 0, 0} : std::array<double, 3>{0, 0, 200 / 255.0};
      for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(crop.at(static_cast<int>(c), 24, 16), (blue[c] - input.mean[c]) / input.std[c], 1e-4)
            << method << c;
        EXPECT_NEAR(crop.at(static_cast<int>(c), 40, 16), (red[c] - input.mean[c]) / input.std[c], 1e-4)
            << method << c;
      }
    }
}

TEST(Cropper, AlphaPoseShowsNothingOfTheSurroundings) {
  InputSpec input = input_of(64, 64);
  input.mean = {0.5, 0.5, 0.5};
  const Cut crop = cut("alphapose", input, {20, 20, 80, 40});  // grown: 78x26 of a square of 78
  EXPECT_NEAR(crop.at(input.rgb ? 2 : 0, 32, 32), 250 / 255.0 - 0.5, 1e-4);
  for (const int y : {2, 61})
    for (int c = 0; c < 3; ++c) EXPECT_EQ(crop.at(c, 32, y), 0) << y;
}

TEST(Cropper, APictureOfZerosAndOnesIsTakenAsNormalisedByAlphaPoseOnly) {
  InputSpec input = input_of(8, 8);
  input.mean = {0, 0, 0};
  const auto middle = [&](const char* method, int value) {
    const cv::Mat photo(40, 40, CV_8UC3, cv::Scalar::all(value));
    std::vector<float> out(3 * 64);
    Cropper(photo, input).cut(crop_method(method).plan({5, 5, 35, 35}, {40, 40}, input), out.data());
    return out[4 * 8 + 4];
  };
  EXPECT_EQ(middle("alphapose", 1), 1);
  EXPECT_FLOAT_EQ(middle("alphapose", 2), 2 / 255.0f);
  EXPECT_FLOAT_EQ(middle("affine", 1), 1 / 255.0f);
}

}  // namespace
}  // namespace pose
