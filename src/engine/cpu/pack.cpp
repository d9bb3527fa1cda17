#include "engine/cpu/pack.h"

#include <algorithm>
#include <array>
#include <new>

#include "engine/cpu/kernels.h"
#include "engine/cpu/whole.h"

namespace pose::cpu {
namespace {

/// Calls `put(channel, to)` for every output channel with the place of its first number; the next one of the
/// same channel lies `step` further.
template <typename Put>
void for_channels(std::int64_t channels, std::int64_t numbers, int lanes, float* to, Put put) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int64_t pair = c / (2 * lanes),
                       vectors = std::min<std::int64_t>(2, whole(channels, lanes) / lanes - 2 * pair);
    put(c, to + pair * 2 * lanes * numbers + c % (2 * lanes), vectors * lanes);
  }
}

std::size_t packed_size(std::int64_t channels, std::int64_t numbers, int lanes) {
  return static_cast<std::size_t>(whole(channels, lanes) * numbers);
}

/// Row `point` of the matrix that brings three weights to a point: powers over the product of distances to
/// the others.
std::array<double, 3> weight_row(int point) {
  if (point == kTileIn - 1) return {0, 0, 1};
  constexpr std::array<double, kTileIn - 1> kPoints{0, kPointA, -kPointA, kPointB, -kPointB};
  const double p = kPoints[static_cast<std::size_t>(point)];
  double distances = 1;
  for (int other = 0; other < kTileIn - 1; ++other)
    if (other != point) distances *= p - kPoints[static_cast<std::size_t>(other)];
  return {1 / distances, p / distances, p * p / distances};
}

void transform_weights(const float* w, float* to, std::int64_t step) {
  static const auto rows = [] {
    std::array<std::array<double, 3>, kTileIn> r;
    for (int i = 0; i < kTileIn; ++i) r[static_cast<std::size_t>(i)] = weight_row(i);
    return r;
  }();
  std::array<std::array<double, 3>, kTileIn> half;
  for (std::size_t i = 0; i < kTileIn; ++i)
    for (std::size_t x = 0; x < 3; ++x)
      half[i][x] = rows[i][0] * double{w[x]} + rows[i][1] * double{w[3 + x]} + rows[i][2] * double{w[6 + x]};
  for (std::size_t i = 0; i < kTileIn; ++i)
    for (std::size_t j = 0; j < kTileIn; ++j, to += step)
      *to = static_cast<float>(half[i][0] * rows[j][0] + half[i][1] * rows[j][1] + half[i][2] * rows[j][2]);
}

}  // namespace

Floats::Floats(std::size_t count) : size_(count) {
  constexpr std::size_t kLine = 64;
  const std::size_t bytes = (count * sizeof(float) + kLine) / kLine * kLine;
  data_.reset(static_cast<float*>(std::aligned_alloc(kLine, bytes)));
  if (!data_) throw std::bad_alloc();
  std::fill_n(data_.get(), bytes / sizeof(float), 0.0f);
}

Floats pack_conv(const Node& node, const Blob& weight, int lanes) {
  const std::int64_t taps = std::int64_t{node.kernel} * node.kernel, out = node.shape.c;
  const std::int64_t in_group = weight.elements() / (out * taps), in = in_group * node.groups;
  Floats packed(packed_size(out, taps * in, lanes));
  for_channels(out, taps * in, lanes, packed.data(), [&](std::int64_t o, float* to, std::int64_t step) {
    const float* from = weight.data() + o * in_group * taps;
    const std::int64_t first = o / (out / node.groups) * in_group;
    for (std::int64_t c = 0; c < in_group; ++c)
      for (std::int64_t tap = 0; tap < taps; ++tap) to[(tap * in + first + c) * step] = *from++;
  });
  return packed;
}

PhaseTaps transposed_taps(const Node& node, int phase) {
  const int first = (phase + node.pad) % node.stride;
  const int count = first < node.kernel ? (node.kernel - first + node.stride - 1) / node.stride : 0;
  const int last = first + (count - 1) * node.stride;
  return {count, last, count > 0 ? (last - phase - node.pad) / node.stride : 0};
}

Floats pack_transposed(const Node& node, const Blob& weight, int phase_y, int phase_x, int lanes) {
  const PhaseTaps ys = transposed_taps(node, phase_y), xs = transposed_taps(node, phase_x);
  const std::int64_t in = weight.dim(0), out = node.shape.c, taps = std::int64_t{ys.count} * xs.count;
  const std::int64_t area = std::int64_t{node.kernel} * node.kernel;
  Floats packed(packed_size(out, taps * in, lanes));
  for_channels(out, taps * in, lanes, packed.data(), [&](std::int64_t o, float* to, std::int64_t step) {
    for (int y = 0; y < ys.count; ++y)
      for (int x = 0; x < xs.count; ++x)
        for (std::int64_t c = 0; c < in; ++c, to += step)
          *to = weight.data()[(c * out + o) * area + (ys.last - y * node.stride) * node.kernel + xs.last -
                              x * node.stride];
  });
  return packed;
}

Floats pack_plain(const Node& node, const Blob& weight, int lanes) {
  const std::int64_t out = node.shape.c, numbers = weight.elements() / out;
  Floats packed(packed_size(out, numbers, lanes));
  for_channels(out, numbers, lanes, packed.data(), [&](std::int64_t o, float* to, std::int64_t step) {
    const float* from = weight.data() + o * numbers;
    for (std::int64_t i = 0; i < numbers; ++i) to[i * step] = from[i];
  });
  return packed;
}

Floats pack_winograd(const Node& node, const Blob& weight, int lanes) {
  const std::int64_t out = node.shape.c, in = weight.dim(1);
  Floats packed(packed_size(out, kTilePoints * in, lanes));
  for_channels(out, kTilePoints * in, lanes, packed.data(),
               [&](std::int64_t o, float* to, std::int64_t step) {
                 for (std::int64_t c = 0; c < in; ++c)
                   transform_weights(weight.data() + (o * in + c) * 9, to + c * step, in * step);
               });
  return packed;
}

Floats pack_depthwise(const Node& node, const Blob& weight, int lanes) {
  const std::int64_t taps = std::int64_t{node.kernel} * node.kernel, channels = node.shape.c,
                     pitch = whole(channels, lanes);
  Floats packed(static_cast<std::size_t>(taps * pitch));
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      packed.data()[tap * pitch + c] = weight.data()[c * taps + tap];
  return packed;
}

Floats pack_channels(const Blob& values, std::int64_t channels, int lanes) {
  Floats packed(static_cast<std::size_t>(whole(channels, lanes)));
  if (!values.empty()) std::copy_n(values.data(), channels, packed.data());
  return packed;
}

}  // namespace pose::cpu
