// The loops, in vectors of the compiler (GCC, Clang). Included by one file for each kind of processor, which
// states `kLanes` and `kRows` and is compiled for it; everything is local to that file (see kernels.h).

#include <string.h>

#include "engine/cpu/conv_impl.h"
#include "engine/cpu/winograd_impl.h"

namespace pose::cpu {
namespace {

void depthwise(const ConvTask& t, Range cells) {
  const std::int64_t vectors = vectors_of(t.out.channels);
  Cell cell = cell_at(cells.first, t.grid_height, t.grid_width);
  for (std::int64_t i = cells.first; i < cells.last; ++i, step(cell, t.grid_height, t.grid_width)) {
    const std::int64_t out = output_pixel(t, cell);
    const int top = cell.y * t.stride - t.top, left = cell.x * t.stride - t.left;
    for (std::int64_t v = 0; v < vectors; ++v) {
      Sums<1, 1> sums{{{load(t.bias + v * kLanes)}}};
      const float* w = t.weights + v * kLanes;
      for (int ky = 0; ky < t.kernel_height; ++ky)
        for (int kx = 0; kx < t.kernel_width; ++kx, w += vectors * kLanes)
          sums.at[0][0] = multiply_add(load(input_pixel(t, cell.image, top + ky, left + kx) + v * kLanes),
                                       load(w), sums.at[0][0]);
      finish<1, 1>(sums, t, v, &out);
    }
  }
}

void sum(const SumTask& t, Range pixels) {
  Cell cell = cell_at(pixels.first, t.out.height, t.out.width);
  const std::int64_t channels = vectors_of(t.out.channels) * kLanes;
  for (std::int64_t p = pixels.first; p < pixels.last; ++p, step(cell, t.out.height, t.out.width)) {
    const float* from[kMostTerms];
    for (int k = 0; k < t.count; ++k) {
      const Map& term = t.terms[k];
      const int y = cell.y >> t.shifts[k], x = cell.x >> t.shifts[k];
      from[k] = term.data + ((cell.image * term.height + y) * term.width + x) * term.stride;
    }
    float* to = t.out.data + p * t.out.stride;
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      Vec total = load(from[0] + c);
      for (int k = 1; k < t.count; ++k) total += load(from[k] + c);
      store(to + c, activated(total, t.activation));
    }
  }
}

void scale(const ScaleTask& t, Range pixels) {
  const std::int64_t area = std::int64_t{t.out.height} * t.out.width;
  const std::int64_t channels = vectors_of(t.out.channels) * kLanes;
  for (std::int64_t p = pixels.first; p < pixels.last; ++p) {
    const float* factors = t.factors + p / area * t.step;
    const float* from = t.in.data + p * t.in.stride;
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      Vec v = load(from + c) * load(factors + c);
      if (t.shifts) v += load(t.shifts + p / area * t.step + c);
      if (t.residual.data) v += load(t.residual.data + p * t.residual.stride + c);
      store(t.out.data + p * t.out.stride + c, activated(v, t.activation));
    }
  }
}

void pool(const PoolTask& t, Range pixels) {
  Cell cell = cell_at(pixels.first, t.out.height, t.out.width);
  const std::int64_t channels = vectors_of(t.out.channels) * kLanes;
  for (std::int64_t p = pixels.first; p < pixels.last; ++p, step(cell, t.out.height, t.out.width)) {
    const int top = cell.y * t.stride - t.begin, left = cell.x * t.stride - t.begin;
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      Vec best = every(t.mean ? 0.0f : -__builtin_inff());
      for (int y = top; y < top + t.kernel; ++y)
        for (int x = left; x < left + t.kernel; ++x) {
          const bool there = inside(y, t.in.height) && inside(x, t.in.width);
          if (!there && !t.zeros_count) continue;
          const Vec v =
              there ? load(t.in.data + ((cell.image * t.in.height + y) * t.in.width + x) * t.in.stride + c)
                    : Vec{};
          best = t.mean ? best + v : greater(v, best);
        }
      if (t.mean) best *= 1.0f / static_cast<float>(t.kernel * t.kernel);
      store(t.out.data + p * t.out.stride + c, best);
    }
  }
}

/// Where output coordinate `at` reads: between `low` and `low + 1`, `part` of the way.
struct Between {
  int low, high;
  float part;
};

Between between(int at, int in, int out, bool align_corners) {
  const float source =
      align_corners
          ? (out > 1 ? static_cast<float>(at) * static_cast<float>(in - 1) / static_cast<float>(out - 1)
                     : 0.0f)
          : (static_cast<float>(at) + 0.5f) * (static_cast<float>(in) / static_cast<float>(out)) - 0.5f;
  const float clamped = source < 0 ? 0 : source;
  const int low = static_cast<int>(clamped) < in - 1 ? static_cast<int>(clamped) : in - 1;
  return {low, low + 1 < in ? low + 1 : low, clamped - static_cast<float>(low)};
}

void resize(const ResizeTask& t, Range pixels) {
  Cell cell = cell_at(pixels.first, t.out.height, t.out.width);
  const std::int64_t channels = vectors_of(t.out.channels) * kLanes;
  for (std::int64_t p = pixels.first; p < pixels.last; ++p, step(cell, t.out.height, t.out.width)) {
    const auto pixel = [&](int y, int x) {
      return t.in.data + ((cell.image * t.in.height + y) * t.in.width + x) * t.in.stride;
    };
    float* to = t.out.data + p * t.out.stride;
    if (!t.bilinear) {
      const float* from = pixel(static_cast<int>(std::int64_t{cell.y} * t.in.height / t.out.height),
                                static_cast<int>(std::int64_t{cell.x} * t.in.width / t.out.width));
      for (std::int64_t c = 0; c < channels; c += kLanes) store(to + c, load(from + c));
      continue;
    }
    const Between y = between(cell.y, t.in.height, t.out.height, t.align_corners);
    const Between x = between(cell.x, t.in.width, t.out.width, t.align_corners);
    const float *a = pixel(y.low, x.low), *b = pixel(y.low, x.high), *c = pixel(y.high, x.low),
                *d = pixel(y.high, x.high);
    for (std::int64_t i = 0; i < channels; i += kLanes) {
      const Vec upper = load(a + i) * (1 - x.part) + load(b + i) * x.part;
      const Vec lower = load(c + i) * (1 - x.part) + load(d + i) * x.part;
      store(to + i, upper * (1 - y.part) + lower * y.part);
    }
  }
}

void global_mean(const Map& in, const Map& out, Range images) {
  const std::int64_t area = std::int64_t{in.height} * in.width;
  for (std::int64_t n = images.first; n < images.last; ++n)
    for (std::int64_t c = 0; c < vectors_of(in.channels) * kLanes; c += kLanes) {
      Vec total{};
      for (std::int64_t p = n * area; p < (n + 1) * area; ++p) total += load(in.data + p * in.stride + c);
      store(out.data + n * out.stride + c, total / static_cast<float>(area));
    }
}

void pixel_shuffle(const Map& in, const Map& out, Range pixels) {
  Cell cell = cell_at(pixels.first, out.height, out.width);
  for (std::int64_t p = pixels.first; p < pixels.last; ++p, step(cell, out.height, out.width)) {
    const float* from = in.data +
                        ((cell.image * in.height + cell.y / 2) * in.width + cell.x / 2) * in.stride +
                        cell.y % 2 * 2 + cell.x % 2;
    float* to = out.data + p * out.stride;
    for (int c = 0; c < out.channels; ++c) to[c] = from[4 * c];
  }
}

void copy(const Map& in, const Map& out, Range pixels) {
  for (std::int64_t p = pixels.first; p < pixels.last; ++p)
    memcpy(out.data + p * out.stride, in.data + p * in.stride,
           static_cast<std::size_t>(in.channels) * sizeof(float));
}

void from_planes(const float* planes, const Map& out, Range images) {
  const std::int64_t area = std::int64_t{out.height} * out.width;
  for (std::int64_t n = images.first; n < images.last; ++n)
    for (int c = 0; c < out.channels; ++c) {
      const float* from = planes + (n * out.channels + c) * area;
      float* to = out.data + n * area * out.stride + c;
      for (std::int64_t p = 0; p < area; ++p) to[p * out.stride] = from[p];
    }
}

void to_planes(const Map& in, float* planes, Range images) {
  const std::int64_t area = std::int64_t{in.height} * in.width;
  for (std::int64_t n = images.first; n < images.last; ++n)
    for (int c = 0; c < in.channels; ++c) {
      const float* from = in.data + n * area * in.stride + c;
      float* to = planes + (n * in.channels + c) * area;
      for (std::int64_t p = 0; p < area; ++p) to[p] = from[p * in.stride];
    }
}

void multiply_adds(std::int64_t count, float* sums) {
  constexpr int kChains = 12;  // more than a processor has multiply-adds under way
  const Vec factor = every(sums[0]);
  Vec at[kChains];
  for (int k = 0; k < kChains; ++k) at[k] = every(sums[0] + static_cast<float>(k));
  for (std::int64_t i = 0; i < count; i += kChains)
    for (int k = 0; k < kChains; ++k) at[k] = multiply_add(at[k], factor, factor);
  for (int k = 1; k < kChains; ++k) at[0] += at[k];
  store(sums, at[0]);
}

constexpr Kernels kernels_named(const char* name) {
  return {name,  kLanes,  kRows,        &conv,          &winograd, &depthwise,   &sum,       &scale,
          &pool, &resize, &global_mean, &pixel_shuffle, &copy,     &from_planes, &to_planes, &multiply_adds};
}

}  // namespace
}  // namespace pose::cpu
