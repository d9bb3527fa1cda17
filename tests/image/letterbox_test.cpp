#include "image/letterbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <random>

#include "pose/error.h"
#include "support/files.h"
#include "support/seeded.h"

namespace pose {
namespace {

cv::Mat seeded_mat(const std::string& key, int width, int height) {
  std::vector<std::uint8_t> bytes = test::seeded_picture(key, width, height);
  return cv::Mat(height, width, CV_8UC3, bytes.data()).clone();
}

template <typename Work>
bool usage_error(Work work) {
  try {
    work();
  } catch (const Error& e) {
    return e.kind() == ErrorKind::kUsage;
  }
  return false;
}

TEST(Letterbox, SizesCanvasAndTensorAreTheReferences) {
  for (const auto& c : test::golden("letterbox.json")["cases"]) {
    const int width = c["width"], height = c["height"], side = c["inp_dim"];
    SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
    if (c.contains("reference_fails")) continue;
    const LetterboxPlace place = letterbox_place({width, height}, side);
    EXPECT_EQ(place.resized.width, c["resized"][0].get<int>());
    EXPECT_EQ(place.resized.height, c["resized"][1].get<int>());
    EXPECT_EQ(place.x, c["offset"][0].get<int>());
    EXPECT_EQ(place.y, c["offset"][1].get<int>());
    const Blob tensor = letterbox(seeded_mat(c["image_key"], width, height), side);
    std::int64_t bytes = 0;
    double sum = 0;
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      bytes += std::lround(tensor.data()[i] * 255.0);
      sum += tensor.data()[i];
    }
    EXPECT_EQ(bytes, c["canvas_sum"].get<std::int64_t>());
    EXPECT_NEAR(sum, c["tensor"]["sum"].get<double>(), 1e-7 * sum);
    for (const auto& s : c["tensor"]["samples"])
      EXPECT_NEAR(tensor.data()[s[0].get<std::int64_t>()], s[1].get<double>(), 1e-7);
  }
}

TEST(Letterbox, ExtremeSidesKeepAtLeastOnePixel) {
  for (const Size photo : {Size{1, 5000}, Size{5000, 1}, Size{1, 1}}) {
    const LetterboxPlace place = letterbox_place(photo, 608);
    EXPECT_GE(place.resized.width, 1);
    EXPECT_GE(place.resized.height, 1);
    EXPECT_EQ(letterbox(cv::Mat(photo.height, photo.width, CV_8UC3, cv::Scalar(1, 2, 3)), 64).elements(),
              3 * 64 * 64);
  }
}

/// The photo on the canvas is the largest of its shape, whole, in the middle; and the way back from the
/// canvas is right to a pixel of the canvas.
TEST(Letterbox, EveryPhotoLiesWholeAndCentredOnItsCanvas) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    const auto side_length = [&] { return 1 + static_cast<int>(random() % (i % 2 ? 800 : 60'000)); };
    const Size photo{side_length(), side_length()};
    const int side = 32 * (1 + static_cast<int>(random() % 30));
    SCOPED_TRACE(std::to_string(photo.width) + "x" + std::to_string(photo.height) + " on " +
                 std::to_string(side));
    const LetterboxPlace place = letterbox_place(photo, side);
    const double scale = static_cast<double>(side) / std::max(photo.width, photo.height);
    ASSERT_LE(std::max(place.resized.width, place.resized.height), side);
    ASSERT_GE(std::max(place.resized.width, place.resized.height), side - 1);
    ASSERT_LE(std::abs(side - place.resized.width - 2 * place.x), 1);
    ASSERT_LE(std::abs(side - place.resized.height - 2 * place.y), 1);
    for (const double part : {0.0, 0.3, 1.0}) {
      const double x = place.x + part * place.resized.width, y = place.y + part * place.resized.height;
      ASSERT_NEAR((x - (side - photo.width * scale) / 2) / scale, part * photo.width, 1.6 / scale);
      ASSERT_NEAR((y - (side - photo.height * scale) / 2) / scale, part * photo.height, 1.6 / scale);
    }
  }
}

TEST(Letterbox, PanoramasAreShownWhole) {
  for (const bool wide : {true, false}) {
    cv::Mat picture(300, 40'000, CV_8UC3, cv::Scalar(0, 0, 0));
    picture.colRange(20'000, 40'000).setTo(cv::Scalar(255, 255, 255));
    if (!wide) picture = picture.t();
    const Blob boxed = letterbox(picture, 64), stretched = stretch(picture, {64, 64});
    const auto at = [&](const Blob& b, int along, int across) {
      return b.data()[wide ? across * 64 + along : along * 64 + across];
    };
    EXPECT_EQ(at(boxed, 5, 0), 128 / 255.0f);
    EXPECT_EQ(at(boxed, 5, 31), 0);
    EXPECT_EQ(at(boxed, 60, 31), 1);
    EXPECT_EQ(at(stretched, 5, 31), 0);
    EXPECT_EQ(at(stretched, 60, 31), 1);
  }
}

TEST(Letterbox, WhatIsNoPictureIsAUsageError) {
  for (const cv::Mat& picture : {cv::Mat(), cv::Mat(4, 4, CV_8UC1), cv::Mat(4, 4, CV_8UC4),
                                 cv::Mat(4, 4, CV_16UC3), cv::Mat(0, 4, CV_8UC3), cv::Mat(4, 4, CV_32FC3)}) {
    EXPECT_TRUE(usage_error([&] { letterbox(picture, 64); }));
    EXPECT_TRUE(usage_error([&] { stretch(picture, {64, 64}); }));
  }
  const cv::Mat good(4, 4, CV_8UC3, cv::Scalar(1, 2, 3));
  EXPECT_TRUE(usage_error([&] { letterbox(good, 0); }));
  EXPECT_TRUE(usage_error([&] { letterbox(good, -64); }));
  EXPECT_TRUE(usage_error([&] { stretch(good, {0, 64}); }));
  EXPECT_TRUE(usage_error([&] { letterbox_place({0, 4}, 64); }));
}

TEST(Stretch, IsRgbBetweenZeroAndOne) {
  const Blob planes = stretch(cv::Mat(4, 6, CV_8UC3, cv::Scalar(0, 51, 255)), {3, 2});
  EXPECT_EQ(planes.shape(), (std::vector<std::int64_t>{3, 2, 3}));
  EXPECT_EQ(planes.data()[0], 1.0f);
  EXPECT_EQ(planes.data()[6], 0.2f);
  EXPECT_EQ(planes.data()[12], 0.0f);
}

}  // namespace
}  // namespace pose
