// The decoders at the borders of the map and where neighbours are equal, and what surrounds them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pose/crop.h"
#include "pose/decode.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr int kWidth = 12, kHeight = 10;

/// A map of 0.01 with a peak of 1, greater neighbours to the right of it and below.
struct Map {
  std::vector<float> values = std::vector<float>(kWidth * kHeight, 0.01f);

  float& at(int x, int y) { return values[static_cast<std::size_t>(y * kWidth + x)]; }
  HeatmapView view() const { return {values.data(), kWidth, kHeight}; }

  static Map with_peak(int x, int y) {
    Map map;
    map.at(x, y) = 1;
    if (x + 1 < kWidth) map.at(x + 1, y) = 0.5f;
    if (y + 1 < kHeight) map.at(x, y + 1) = 0.4f;
    return map;
  }
};

struct Shifts {
  const char* decoder;
  int first_x, last_x, first_y, last_y;  ///< peaks of which places are shifted
  float always;                          ///< added to every peak
};

TEST(Decoders, QuarterShiftsStopBeforeTheBorder) {
  for (const Shifts& s :
       {Shifts{"alphapose", 1, kWidth - 2, 1, kHeight - 2, 0.2f},
        Shifts{"quarter-shift", 2, kWidth - 2, 2, kHeight - 2, 0}, Shifts{"argmax", 1, 0, 1, 0, 0}}) {
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const Peak peak = decoder(s.decoder).find_peak(Map::with_peak(x, y).view());
        const bool inside = x >= s.first_x && x <= s.last_x && y >= s.first_y && y <= s.last_y;
        const float shift = (inside ? 0.25f : 0.0f) + s.always;
        EXPECT_FLOAT_EQ(peak.x, static_cast<float>(x) + shift) << s.decoder << " " << x << " " << y;
        EXPECT_FLOAT_EQ(peak.y, static_cast<float>(y) + shift) << s.decoder << " " << x << " " << y;
        EXPECT_EQ(peak.score, 1);
      }
  }
}

TEST(Decoders, TheShiftGoesTowardsTheGreaterNeighbourOrNowhere) {
  Map map = Map::with_peak(5, 4);
  map.at(4, 4) = 0.7f;
  map.at(5, 3) = 0.4f;
  const Peak peak = decoder("quarter-shift").find_peak(map.view());
  EXPECT_EQ(peak.x, 4.75f);
  EXPECT_EQ(peak.y, 4);
}

TEST(Decoders, OfEqualCellsTheFirstInTheRowsCounts) {
  Map map;
  map.at(7, 3) = map.at(2, 6) = map.at(9, 3) = 0.5f;
  const Peak peak = decoder("argmax").find_peak(map.view());
  EXPECT_EQ(peak.x, 7);
  EXPECT_EQ(peak.y, 3);
}

TEST(Decoders, AMapWithoutAnythingPositiveGivesTheCorner) {
  Map map;
  std::fill(map.values.begin(), map.values.end(), -2.0f);
  map.at(5, 5) = -1;
  const Peak peak = decoder("argmax").find_peak(map.view());
  EXPECT_EQ(peak.x, 0);
  EXPECT_EQ(peak.y, 0);
  EXPECT_EQ(peak.score, -1);
  map.at(5, 5) = 0;
  EXPECT_EQ(decoder("argmax").find_peak(map.view()).x, 0);
  map.at(5, 5) = 1e-30f;
  EXPECT_EQ(decoder("argmax").find_peak(map.view()).x, 5);
}

/// A Gaussian of any direction: its logarithm is a quadric, whose top one Newton step finds.
Map slanted(double cx, double cy, double wide, double narrow, double angle) {
  Map map;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const double dx = x - cx, dy = y - cy;
      const double u = dx * std::cos(angle) + dy * std::sin(angle),
                   v = dy * std::cos(angle) - dx * std::sin(angle);
      map.at(x, y) = static_cast<float>(std::exp(-u * u / (2 * wide * wide) - v * v / (2 * narrow * narrow)));
    }
  return map;
}

TEST(Dark, FindsTheTopOfSlantedGaussians) {
  for (const double angle : {0.0, 0.5, 1.0, 2.0, 2.6}) {
    const Peak peak = decoder("dark").find_peak(slanted(5.3, 4.6, 1.6, 0.8, angle).view());
    EXPECT_NEAR(peak.x, 5.3, 0.12) << angle;
    EXPECT_NEAR(peak.y, 4.6, 0.12) << angle;
  }
}

TEST(Dark, KeepsAwayFromTheBorder) {
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const Peak peak = decoder("dark").find_peak(Map::with_peak(x, y).view());
      const bool inside = x >= 2 && x <= kWidth - 3 && y >= 2 && y <= kHeight - 3;
      EXPECT_EQ(peak.x != static_cast<float>(x), inside) << x << " " << y;
      EXPECT_EQ(peak.y != static_cast<float>(y), inside) << x << " " << y;
    }
}

TEST(Dark, MapsWithoutACurvedTopKeepTheCell) {
  const auto whole = [](const Map& map, int x, int y) {
    const Peak peak = decoder("dark").find_peak(map.view());
    EXPECT_EQ(peak.x, static_cast<float>(x));
    EXPECT_EQ(peak.y, static_cast<float>(y));
  };
  // So small that after smoothing the floor of the logarithm is everywhere: no curvature at all.
  Map faint;
  std::fill(faint.values.begin(), faint.values.end(), 0.0f);
  faint.at(5, 4) = 1e-12f;
  whole(faint, 5, 4);
  // Smoothed, this one rises to the right: the top would be far off.
  Map ramp;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) ramp.at(x, y) = x < 3 ? 0.01f : 0.99f;
  ramp.at(3, 5) = 1;
  const Peak peak = decoder("dark").find_peak(ramp.view());
  EXPECT_LE(std::abs(peak.x - 3), 2);
  EXPECT_LE(std::abs(peak.y - 5), 2);
}

TEST(Decode, TakesTheFirstJointsOfTheMapsToThePhoto) {
  Blob maps({3, 8, 6});
  maps.data()[0 * 48 + 2 * 6 + 3] = 0.5f;
  maps.data()[1 * 48 + 5 * 6 + 1] = 0.75f;
  Crop crop;
  crop.kind = Crop::Kind::kAffine;
  crop.center = {100, 200};
  crop.scale = {0.3f, 0.4f};  // 60x80 pixels: ten for each cell
  const std::vector<Joint> joints = decode(maps, 2, crop, decoder("argmax"));
  ASSERT_EQ(joints.size(), 2u);
  EXPECT_NEAR(joints[0].x, 100, 1e-3);
  EXPECT_NEAR(joints[0].y, 200 - 20, 1e-3);
  EXPECT_EQ(joints[0].score, 0.5f);
  EXPECT_NEAR(joints[1].x, 100 - 20, 1e-3);
  EXPECT_NEAR(joints[1].y, 200 + 10, 1e-3);
  EXPECT_EQ(joints[1].score, 0.75f);
  EXPECT_EQ(decode(maps, 3, crop, decoder("argmax")).size(), 3u);
}

Blob row_maps(const std::vector<float>& values, std::int64_t channels) {
  Blob maps({1, channels, 1, static_cast<std::int64_t>(values.size()) / channels});
  std::copy(values.begin(), values.end(), maps.data());
  return maps;
}

std::vector<float> averaged(const std::vector<std::pair<int, int>>& pairs, bool shift) {
  Blob maps = row_maps({0, 0, 0, 0, 10, 10, 10, 10, 20, 20, 20, 20}, 3);
  average_flip_test(maps, row_maps({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3), pairs, shift);
  return std::vector<float>(maps.data(), maps.data() + 12);
}

TEST(FlipTest, MirrorsSwapsAndAverages) {
  EXPECT_EQ(averaged({}, false),
            (std::vector<float>{2, 1.5f, 1, 0.5f, 9, 8.5f, 8, 7.5f, 16, 15.5f, 15, 14.5f}));
  EXPECT_EQ(averaged({{0, 2}}, false),
            (std::vector<float>{6, 5.5f, 5, 4.5f, 9, 8.5f, 8, 7.5f, 12, 11.5f, 11, 10.5f}));
  EXPECT_EQ(averaged({}, true), (std::vector<float>{2, 2, 1.5f, 1, 9, 9, 8.5f, 8, 16, 16, 15.5f, 15}));
}

TEST(FlipTest, PairsBeyondTheMapsAreRefused) {
  EXPECT_THROW(averaged({{1, 3}}, false), Error);
  EXPECT_THROW(averaged({{3, 1}}, false), Error);
  EXPECT_THROW(averaged({{-1, 1}}, false), Error);
}

TEST(FlipTest, PeopleOfABatchStayApart) {
  Blob maps({2, 1, 1, 2}), mirrored({2, 1, 1, 2});
  for (int i = 0; i < 4; ++i) mirrored.data()[i] = static_cast<float>(2 * i);
  average_flip_test(maps, mirrored, {}, false);
  EXPECT_EQ(std::vector<float>(maps.data(), maps.data() + 4), (std::vector<float>{1, 0, 3, 2}));
  EXPECT_THROW(average_flip_test(maps, Blob({2, 1, 2, 1}), {}, false), Error);
}

}  // namespace
}  // namespace pose
