#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/lookup.h"
#include "decode/heatmaps.h"
#include "pose/decode.h"

namespace pose {
namespace {

/// The first greatest value in row-major order. Without one above 0 the place is the corner, as in both
/// references.
Peak greatest(const HeatmapView& map, int& x, int& y) {
  const float* end = map.data + map.width * map.height;
  const float* best = std::max_element(map.data, end);
  const int index = static_cast<int>(best - map.data);
  const bool positive = *best > 0;
  x = positive ? index % map.width : 0;
  y = positive ? index / map.width : 0;
  return {static_cast<float>(x), static_cast<float>(y), *best};
}

float sign(float v) { return static_cast<float>((v > 0) - (v < 0)); }

/// A quarter cell towards the greater neighbour, in x and in y.
void shift_by_quarter(const HeatmapView& map, int x, int y, Peak& peak) {
  peak.x += 0.25f * sign(map.at(y, x + 1) - map.at(y, x - 1));
  peak.y += 0.25f * sign(map.at(y + 1, x) - map.at(y - 1, x));
}

// Source: src/decode/README.md, 1.
Peak alphapose_peak(const HeatmapView& map) {
  int x, y;
  Peak peak = greatest(map, x, y);
  if (x > 0 && x < map.width - 1 && y > 0 && y < map.height - 1) shift_by_quarter(map, x, y, peak);
  peak.x += 0.2f;
  peak.y += 0.2f;
  return peak;
}

// Source: src/decode/README.md, 2.
Peak quarter_shift_peak(const HeatmapView& map) {
  int x, y;
  Peak peak = greatest(map, x, y);
  if (x > 1 && x < map.width - 1 && y > 1 && y < map.height - 1) shift_by_quarter(map, x, y, peak);
  return peak;
}

Peak argmax_peak(const HeatmapView& map) {
  int x, y;
  return greatest(map, x, y);
}

constexpr int kBlurRadius = 5;  // the 11 taps that suit heatmaps of sigma 2
constexpr double kBlurSigma = 2.0;
constexpr double kLogFloor = 1e-10;  // keeps the logarithm finite where nothing is

/// Logarithm of the Gaussian-smoothed map at one cell; outside the map is 0.
double smoothed_log(const HeatmapView& map, int x, int y) {
  static const auto taps = [] {
    std::array<double, 2 * kBlurRadius + 1> t{};
    double sum = 0;
    for (int i = -kBlurRadius; i <= kBlurRadius; ++i)
      sum += t[static_cast<std::size_t>(i + kBlurRadius)] = std::exp(-i * i / (2 * kBlurSigma * kBlurSigma));
    for (double& v : t) v /= sum;
    return t;
  }();
  double total = 0;
  for (int dy = -kBlurRadius; dy <= kBlurRadius; ++dy) {
    if (y + dy < 0 || y + dy >= map.height) continue;
    double row = 0;
    for (int dx = -kBlurRadius; dx <= kBlurRadius; ++dx)
      if (x + dx >= 0 && x + dx < map.width)
        row += taps[static_cast<std::size_t>(dx + kBlurRadius)] * map.at(y + dy, x + dx);
    total += taps[static_cast<std::size_t>(dy + kBlurRadius)] * row;
  }
  return std::log(std::max(total, kLogFloor));
}

/// One Newton step to the top of the smoothed log-map. Its usual rescaling to the old maximum is a constant
/// in the logarithm and drops out. Source: Zhang et al., Distribution-Aware Coordinate Representation, CVPR
/// 2020.
Peak dark_peak(const HeatmapView& map) {
  int x, y;
  Peak peak = greatest(map, x, y);
  if (!(x > 1 && x < map.width - 2 && y > 1 && y < map.height - 2)) return peak;
  const auto at = [&](int dx, int dy) { return smoothed_log(map, x + dx, y + dy); };
  const double gx = 0.5 * (at(1, 0) - at(-1, 0)), gy = 0.5 * (at(0, 1) - at(0, -1));
  const double center = at(0, 0);
  const double hxx = 0.25 * (at(2, 0) - 2 * center + at(-2, 0)),
               hyy = 0.25 * (at(0, 2) - 2 * center + at(0, -2));
  const double hxy = 0.25 * (at(1, 1) - at(-1, 1) - at(1, -1) + at(-1, -1));
  const double determinant = hxx * hyy - hxy * hxy;
  if (!(std::abs(determinant) > 1e-12)) return peak;
  const double dx = -(hyy * gx - hxy * gy) / determinant, dy = -(hxx * gy - hxy * gx) / determinant;
  // A top further away than the window that was looked at is no top of this peak.
  if (!(std::abs(dx) <= 2 && std::abs(dy) <= 2)) return peak;
  peak.x += static_cast<float>(dx);
  peak.y += static_cast<float>(dy);
  return peak;
}

constexpr std::array<Decoder, 4> kDecoders{{
    {"alphapose", "greatest cell, a quarter towards the greater neighbour, +0.2 (AlphaPose)",
     &alphapose_peak},
    {"quarter-shift", "greatest cell, a quarter towards the greater neighbour (HRNet)", &quarter_shift_peak},
    {"argmax", "greatest cell", &argmax_peak},
    {"dark", "greatest cell, Taylor step on the smoothed log-heatmap (DARK)", &dark_peak},
}};

}  // namespace

const Decoder& decoder(std::string_view name) { return lookup(kDecoders, name, "decoder"); }

std::vector<Joint> decode(const Blob& maps, int joints, const Crop& crop, const Decoder& decoder) {
  check_heatmaps(maps, joints);
  const Size size{static_cast<int>(maps.dim(2)), static_cast<int>(maps.dim(1))};
  std::vector<Joint> result;
  for (int j = 0; j < joints; ++j) {
    const Peak peak = decoder.find_peak({maps[j].data(), size.width, size.height});
    const Point place = heatmap_to_photo(crop, {peak.x, peak.y}, size);
    result.push_back({place.x, place.y, peak.score});
  }
  return result;
}

void average_flip_test(Blob& maps, const Blob& mirrored, const std::vector<std::pair<int, int>>& pairs,
                       bool shift) {
  if (maps.shape().size() != 4 || maps.shape() != mirrored.shape())
    throw Error::usage("a flip test takes two blobs of one shape [n, channels, height, width]");
  const std::int64_t channels = maps.dim(1), rows = maps.dim(2), width = maps.dim(3);
  std::vector<std::int64_t> source(static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) source[static_cast<std::size_t>(c)] = c;
  for (const auto& [a, b] : pairs) {
    if (std::min(a, b) < 0 || std::max(a, b) >= channels)
      throw Error::usage("the flip test is to swap maps " + std::to_string(a) + " and " + std::to_string(b) +
                         ", but there are " + std::to_string(channels));
    std::swap(source[static_cast<std::size_t>(a)], source[static_cast<std::size_t>(b)]);
  }
  for (std::int64_t n = 0; n < maps.dim(0); ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      float* out = maps.data() + (n * channels + c) * rows * width;
      const float* in = mirrored.data() + (n * channels + source[static_cast<std::size_t>(c)]) * rows * width;
      for (std::int64_t y = 0; y < rows; ++y, out += width, in += width)
        for (std::int64_t x = 0; x < width; ++x)
          out[x] = (out[x] + in[width - 1 - (shift && x > 0 ? x - 1 : x)]) * 0.5f;
    }
  }
}

}  // namespace pose
