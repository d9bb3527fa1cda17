// HRNet's decoding and flip test against the official implementation, and the decoders that have no golden
// file.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pose/decode.h"
#include "pose/skeleton.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/heatmaps.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

Crop crop_of(const json& center, const json& scale) {
  Crop crop;
  crop.kind = Crop::Kind::kAffine;
  crop.center = {center[0], center[1]};
  crop.scale = {scale[0], scale[1]};
  return crop;
}

void expect_joints(const std::vector<Joint>& joints, const json& expected, const std::string& what) {
  for (std::size_t k = 0; k < joints.size(); ++k) {
    EXPECT_NEAR(joints[k].x, expected[k][0].get<double>(), 1e-3) << what << " joint " << k;
    EXPECT_NEAR(joints[k].y, expected[k][1].get<double>(), 1e-3) << what << " joint " << k;
  }
}

TEST(QuarterShift, PeaksPlacesAndScoresAreTheReferences) {
  for (const json& c : test::golden("hrnet_decode.json")["cases"]) {
    for (std::size_t n = 0; n < c["heatmaps"].size(); ++n) {
      SCOPED_TRACE(c["name"].get<std::string>());
      const Blob maps = test::hrnet_heatmaps(c["heatmaps"][n]);
      const int joints = static_cast<int>(maps.dim(0));
      const Crop crop = crop_of(c["center"][n], c["scale"][n]);
      const std::vector<Joint> plain = decode(maps, joints, crop, decoder("argmax"));
      const std::vector<Joint> shifted = decode(maps, joints, crop, decoder("quarter-shift"));
      for (int k = 0; k < joints; ++k) {
        const auto i = static_cast<std::size_t>(k);
        const Peak peak = decoder("argmax").find_peak(
            {maps[k].data(), static_cast<int>(maps.dim(2)), static_cast<int>(maps.dim(1))});
        EXPECT_EQ(peak.x, c["argmax_xy"][n][i][0].get<float>());
        EXPECT_EQ(peak.y, c["argmax_xy"][n][i][1].get<float>());
        const json& value = c["maxvals"][n][i];
        EXPECT_NEAR(shifted[i].score, (value.is_array() ? value[0] : value).get<double>(), 1e-6);
      }
      // The centres of MPII annotations are doubles in the reference; ours are f32, which is far below a
      // pixel.
      expect_joints(plain, c["preds_plain"][n], "plain");
      expect_joints(shifted, c["preds_post_process"][n], "shifted");
    }
  }
}

TEST(FlipTest, AveragesAndPredictionsAreTheReferences) {
  for (const json& c : test::golden("hrnet_decode.json")["flip_cases"]) {
    const Blob maps = test::hrnet_heatmaps(c["heatmap"]),
               mirrored = test::hrnet_heatmaps(c["heatmap_of_flipped_input"]);
    const auto batch = [](const Blob& b) {
      Blob copy({1, b.dim(0), b.dim(1), b.dim(2)});
      std::copy(b.data(), b.data() + b.elements(), copy.data());
      return copy;
    };
    const std::string skeleton_name = c["heatmap"]["shape"][0] == 17 ? "coco17" : "mpii16";
    for (const bool shift : {true, false}) {
      Blob average = batch(maps);
      average_flip_test(average, batch(mirrored), skeleton(skeleton_name).mirror_pairs, shift);
      const json& expected = c[shift ? "shift" : "no_shift"];
      test::expect_summary(average, expected["average"], {1e-6, 0, 1e-6}, c["name"].get<std::string>());
      const std::vector<Joint> joints = decode(average[0], static_cast<int>(average.dim(1)),
                                               crop_of(c["center"], c["scale"]), decoder("quarter-shift"));
      expect_joints(joints, expected["preds"], c["name"].get<std::string>());
    }
  }
}

Blob gaussian(double cx, double cy, double sigma, int width, int height) {
  Blob map({1, height, width});
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      map.data()[y * width + x] =
          static_cast<float>(std::exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (2 * sigma * sigma)));
  return map;
}

TEST(Dark, FindsTheCentreOfAGaussianBetweenCells) {
  for (const double dx : {-0.45, -0.2, 0.0, 0.3, 0.49}) {
    const Blob map = gaussian(20 + dx, 30 - dx, 2, 48, 64);
    const Peak peak = decoder("dark").find_peak({map.data(), 48, 64});
    EXPECT_NEAR(peak.x, 20 + dx, 0.01);
    EXPECT_NEAR(peak.y, 30 - dx, 0.01);
    EXPECT_EQ(peak.score, map.data()[std::lround(30 - dx) * 48 + std::lround(20 + dx)]);
  }
}

TEST(Dark, FindsTheCentreOfASlantedGaussian) {
  const double cx = 20.4, cy = 29.7, wide = 3, narrow = 2, angle = 0.7;
  Blob map({1, 64, 48});
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 48; ++x) {
      const double u = (x - cx) * std::cos(angle) + (y - cy) * std::sin(angle),
                   v = (y - cy) * std::cos(angle) - (x - cx) * std::sin(angle);
      map.data()[y * 48 + x] =
          static_cast<float>(std::exp(-u * u / (2 * wide * wide) - v * v / (2 * narrow * narrow)));
    }
  const Peak peak = decoder("dark").find_peak({map.data(), 48, 64});
  EXPECT_NEAR(peak.x, cx, 0.003);
  EXPECT_NEAR(peak.y, cy, 0.003);
}

using test::expect_error;

Crop alphapose_crop() {
  Crop crop;
  crop.kind = Crop::Kind::kAlphaPose;
  crop.input = {48, 64};
  crop.grown = {0, 0, 48, 64};
  return crop;
}

TEST(Decode, RefusesMapsThatAreNotForTheJoints) {
  const Crop crop = alphapose_crop();
  const auto refused = [&](const Blob& maps, int joints, const std::string& part) {
    expect_error(ErrorKind::kUsage, part, [&] { decode(maps, joints, crop, decoder("argmax")); });
  };
  refused(Blob(), 1, "[channels, height, width]");
  refused(Blob({1, 3, 4, 4}), 3, "[channels, height, width]");
  refused(Blob({3, 0, 4}), 3, "at least one cell");
  refused(Blob({3, 4, 4}), 4, "4 joints from 3 heatmaps");
  refused(Blob({3, 4, 4}), 0, "0 joints");
  EXPECT_EQ(decode(Blob({3, 4, 4}), 3, crop, decoder("argmax")).size(), 3u);
}

TEST(Decode, NamesNumbersThatAreNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t place : {0, 15, 16 + 7}) {
      Blob maps({18, 4, 4});
      maps.data()[place] = bad;
      const std::string part = "not finite (heatmap " + std::to_string(place / 16) + ")";
      expect_error(ErrorKind::kMismatch, part, [&] { decode(maps, 17, alphapose_crop(), decoder("dark")); });
      expect_error(ErrorKind::kMismatch, part,
                   [&] { match_people({maps}, {alphapose_crop()}, {Detection()}); });
    }
  }
  Blob unused({18, 4, 4});
  unused.data()[17 * 16] = std::numeric_limits<float>::quiet_NaN();
  unused.data()[0] = std::numeric_limits<float>::max();
  EXPECT_EQ(decode(unused, 17, alphapose_crop(), decoder("dark")).size(), 17u);
}

TEST(MatchPeople, RefusesListsThatDoNotBelongTogether) {
  const Blob maps({17, 4, 4});
  expect_error(ErrorKind::kUsage, "as many heatmaps", [&] { match_people({maps}, {}, {Detection()}); });
  expect_error(ErrorKind::kUsage, "as many heatmaps", [&] { match_people({maps}, {alphapose_crop()}, {}); });
  expect_error(ErrorKind::kUsage, "17 joints from 16 heatmaps", [&] {
    match_people({Blob({16, 4, 4})}, {alphapose_crop()}, {Detection()});
  });
  Crop affine = alphapose_crop();
  affine.kind = Crop::Kind::kAffine;
  expect_error(ErrorKind::kUsage, "takes its crops only",
               [&] { match_people({maps}, {affine}, {Detection()}); });
}

TEST(FlipTest, RefusesOtherShapesAndPairsOutOfRange) {
  Blob maps({1, 3, 2, 2});
  const auto refused = [&](const Blob& mirrored, const std::vector<std::pair<int, int>>& pairs,
                           const std::string& part) {
    expect_error(ErrorKind::kUsage, part, [&] { average_flip_test(maps, mirrored, pairs, false); });
  };
  refused(Blob({1, 3, 2, 3}), {}, "one shape");
  refused(Blob({3, 2, 2}), {}, "one shape");
  refused(Blob({1, 3, 2, 2}), {{1, 3}}, "maps 1 and 3, but there are 3");
  refused(Blob({1, 3, 2, 2}), {{-1, 2}}, "maps -1 and 2");
  EXPECT_NO_THROW(average_flip_test(maps, Blob({1, 3, 2, 2}), {{0, 2}}, true));
}

TEST(Decoders, StrangeMapsGivePlacesInsideTheMap) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const char* name : {"alphapose", "quarter-shift", "argmax", "dark"}) {
    for (const float fill : {0.0f, -1.0f, 1.0f, nan, inf, -inf, 1e-38f}) {
      for (const Size size : {Size{48, 64}, Size{1, 1}, Size{2, 3}}) {
        const std::vector<float> map(static_cast<std::size_t>(size.width * size.height), fill);
        const Peak peak = decoder(name).find_peak({map.data(), size.width, size.height});
        EXPECT_TRUE(peak.x >= 0 && peak.x < static_cast<float>(size.width) + 0.5f) << name << " " << fill;
        EXPECT_TRUE(peak.y >= 0 && peak.y < static_cast<float>(size.height) + 0.5f) << name << " " << fill;
      }
    }
  }
}

}  // namespace
}  // namespace pose
