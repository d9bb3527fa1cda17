#include "image/letterbox.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "support/files.h"
#include "support/seeded.h"

namespace pose {
namespace {

cv::Mat seeded_mat(const std::string& key, int width, int height) {
  std::vector<std::uint8_t> bytes = test::seeded_picture(key, width, height);
  return cv::Mat(height, width, CV_8UC3, bytes.data()).clone();
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

TEST(Stretch, IsRgbBetweenZeroAndOne) {
  const Blob planes = stretch(cv::Mat(4, 6, CV_8UC3, cv::Scalar(0, 51, 255)), {3, 2});
  EXPECT_EQ(planes.shape(), (std::vector<std::int64_t>{3, 2, 3}));
  EXPECT_EQ(planes.data()[0], 1.0f);
  EXPECT_EQ(planes.data()[6], 0.2f);
  EXPECT_EQ(planes.data()[12], 0.0f);
}

}  // namespace
}  // namespace pose
