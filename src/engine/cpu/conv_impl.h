#pragma once

// Vectors, activations and convolutions by their definition. Part of kernels_impl.h.

#if defined(__FMA__)
#include <immintrin.h>
#endif

#include "engine/cpu/kernels.h"

namespace pose::cpu {
namespace {

using Vec = float __attribute__((vector_size(4 * kLanes)));
using VecInt = std::int32_t __attribute__((vector_size(4 * kLanes)));
using LooseVec = float __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

#define POSE_INLINE inline __attribute__((always_inline))

POSE_INLINE Vec load(const float* p) { return *reinterpret_cast<const LooseVec*>(p); }
POSE_INLINE void store(float* p, Vec v) { *reinterpret_cast<LooseVec*>(p) = v; }
POSE_INLINE Vec every(float x) { return x - Vec{}; }
// Where `b` is no number the result is none.
POSE_INLINE Vec greater(Vec a, Vec b) { return a > b ? a : b; }
POSE_INLINE Vec smaller(Vec a, Vec b) { return a < b ? a : b; }

/// One operation where the processor has it. Never left to the compiler, which may fuse in one loop and not
/// in another: then who shares a batch would change the last bits.
POSE_INLINE Vec multiply_add(Vec a, Vec b, Vec sum) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, sum);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, sum);
#else
  return a * b + sum;
#endif
}
POSE_INLINE Vec multiply_add(Vec a, float b, Vec sum) { return multiply_add(a, every(b), sum); }

POSE_INLINE std::int64_t vectors_of(int channels) { return (channels + kLanes - 1) / kLanes; }

/// e^x within 1e-6 of itself: 2^n times a polynomial on half a binade (coefficients of Taylor's
/// series, enough of them for |r| <= ln 2 / 2).
POSE_INLINE Vec exponential(Vec x) {
  x = greater(every(-87.0f), smaller(every(88.0f), x));
  const Vec n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;  // rounded to a whole number
  const Vec r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  Vec p = every(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const VecInt power = (__builtin_convertvector(n, VecInt) + 127) << 23;
  return p * reinterpret_cast<Vec>(power);
}

/// tanh(ln(1 + e^x)) = (t^2 + 2t) / (t^2 + 2t + 2) with t = e^x; from 20 on it is 1.
POSE_INLINE Vec mish_factor(Vec x) {
  const Vec t = exponential(smaller(every(20.0f), x));
  const Vec u = t * (t + 2.0f);
  return u / (u + 2.0f);
}

POSE_INLINE Vec activated(Vec x, Activation kind) {
  switch (kind) {
    case Activation::kNone: return x;
    case Activation::kRelu: return greater(Vec{}, x);
    case Activation::kLeaky: return x > 0 ? x : x * 0.1f;
    case Activation::kRelu6: return smaller(every(6.0f), greater(Vec{}, x));
    case Activation::kLogistic: return 1.0f / (1.0f + exponential(-x));
    case Activation::kMish: return x * mish_factor(x);
    case Activation::kSwish: return x / (1.0f + exponential(-x));
  }
  return x;
}

/// `Sums<P, N>`: N vectors of output channels of P pixels.
template <int P, int N>
struct Sums {
  Vec at[P][N];
};

/// Every pixel's sums begin with the same N vectors: the bias.
template <int P, int N>
POSE_INLINE void start(Sums<P, N>& sums, const float* bias) {
  for (int n = 0; n < N; ++n)
    for (int p = 0; p < P; ++p) sums.at[p][n] = load(bias + n * kLanes);
}

template <int P, int N>
POSE_INLINE void start(Sums<P, N>& sums) {
  for (int p = 0; p < P; ++p)
    for (int n = 0; n < N; ++n) sums.at[p][n] = Vec{};
}

/// Adds the products of `channels` inputs of P pixels and their weights, tap after tap. `rows`: kRows
/// pointers a tap.
template <int P, int N>
POSE_INLINE void add_products(Sums<P, N>& sums, const float* const* rows, int taps, int channels,
                              const float* w) {
  for (int tap = 0; tap < taps; ++tap, rows += kRows) {
    const float* row[P];
    for (int p = 0; p < P; ++p) row[p] = rows[p];
    for (int c = 0; c < channels; ++c, w += N * kLanes) {
      Vec weight[N];
      for (int n = 0; n < N; ++n) weight[n] = load(w + n * kLanes);
      for (int p = 0; p < P; ++p)
        for (int n = 0; n < N; ++n) sums.at[p][n] = multiply_add(weight[n], row[p][c], sums.at[p][n]);
    }
  }
}

/// Adds the residual, applies the activation, and writes. `pixels`: of the output.
template <int P, int N>
POSE_INLINE void finish(Sums<P, N>& sums, const ConvTask& t, std::int64_t vector,
                        const std::int64_t* pixels) {
  const std::int64_t channel = vector * kLanes;
  if (t.residual.data)
    for (int p = 0; p < P; ++p)
      for (int n = 0; n < N; ++n)
        sums.at[p][n] += load(t.residual.data + pixels[p] * t.residual.stride + channel + n * kLanes);
  for (int p = 0; p < P; ++p)
    for (int n = 0; n < N; ++n)
      store(t.out.data + pixels[p] * t.out.stride + channel + n * kLanes,
            t.activation == Activation::kNone ? sums.at[p][n] : activated(sums.at[p][n], t.activation));
}

constexpr std::int64_t kGroupFloats = 32 * 1024;  ///< of weights that a convolution goes through tile by tile

/// What one block of cells reads and writes.
struct Block {
  const float** rows;    ///< [tiles][taps][kRows]
  std::int64_t* pixels;  ///< [tiles * kRows], of the output
  int taps, channels;    ///< as the products see them
};

/// Asks for what `finish` will touch: lines far apart, which the processor does not foresee.
template <int P, int N>
POSE_INLINE void expect_pixels(const ConvTask& t, std::int64_t vector, const std::int64_t* pixels) {
  constexpr int kLineFloats = 16;
  for (int p = 0; p < P; ++p)
    for (int c = 0; c < N * kLanes; c += kLineFloats) {
      __builtin_prefetch(t.out.data + pixels[p] * t.out.stride + vector * kLanes + c, 1);
      if (t.residual.data)
        __builtin_prefetch(t.residual.data + pixels[p] * t.residual.stride + vector * kLanes + c);
    }
}

template <int P, int N>
void conv_tile(const ConvTask& t, const Block& block, std::int64_t tile, std::int64_t vector) {
  Sums<P, N> sums;
  expect_pixels<P, N>(t, vector, block.pixels + tile * kRows);
  start(sums, t.bias + vector * kLanes);
  add_products<P, N>(sums, block.rows + tile * block.taps * kRows, block.taps, block.channels,
                     t.weights + vector * block.taps * block.channels * kLanes);
  finish<P, N>(sums, t, vector, block.pixels + tile * kRows);
}

template <int N, int P = kRows>
void conv_part(const ConvTask& t, const Block& block, std::int64_t tile, std::int64_t vector,
               std::int64_t count) {
  if constexpr (P > 0) {
    if (count >= P) return conv_tile<P, N>(t, block, tile, vector);
    return conv_part<N, P - 1>(t, block, tile, vector, count);
  }
}

struct Cell {
  std::int64_t image;
  int y, x;
};

POSE_INLINE Cell cell_at(std::int64_t index, int height, int width) {
  const std::int64_t area = std::int64_t{height} * width, in_image = index % area;
  return {index / area, static_cast<int>(in_image / width), static_cast<int>(in_image % width)};
}

POSE_INLINE void step(Cell& cell, int height, int width) {
  if (++cell.x < width) return;
  cell.x = 0;
  if (++cell.y < height) return;
  cell.y = 0;
  ++cell.image;
}

POSE_INLINE bool inside(int v, int size) { return static_cast<unsigned>(v) < static_cast<unsigned>(size); }

/// The channels of input pixel (y, x), or zeros.
POSE_INLINE const float* input_pixel(const ConvTask& t, std::int64_t image, int y, int x) {
  if (!inside(y, t.in.height) || !inside(x, t.in.width)) return t.zeros;
  return t.in.data + ((image * t.in.height + y) * t.in.width + x) * t.in.stride;
}

POSE_INLINE std::int64_t output_pixel(const ConvTask& t, const Cell& cell) {
  const std::int64_t y = std::int64_t{cell.y} * t.out_step + t.out_y,
                     x = std::int64_t{cell.x} * t.out_step + t.out_x;
  return (cell.image * t.out.height + y) * t.out.width + x;
}

void point_at_taps(const ConvTask& t, const Cell& cell, const float** rows) {
  const int top = cell.y * t.stride - t.top, left = cell.x * t.stride - t.left;
  for (int ky = 0; ky < t.kernel_height; ++ky)
    for (int kx = 0; kx < t.kernel_width; ++kx, rows += kRows)
      *rows = input_pixel(t, cell.image, top + ky, left + kx);
}

void gather_taps(const ConvTask& t, const Cell& cell, float* to) {
  const int top = cell.y * t.stride - t.top, left = cell.x * t.stride - t.left;
  for (int ky = 0; ky < t.kernel_height; ++ky)
    for (int kx = 0; kx < t.kernel_width; ++kx) {
      const float* from = input_pixel(t, cell.image, top + ky, left + kx);
      for (int c = 0; c < t.in.channels; ++c) *to++ = from[c];
    }
}

POSE_INLINE bool gathers(const ConvTask& t) {
  return t.in.channels <= kGatherChannels && t.kernel_height * t.kernel_width > 1;
}

Block make_block(const ConvTask& t, Range cells, float* scratch) {
  const std::int64_t tiles = (cells.last - cells.first + kRows - 1) / kRows;
  const int taps = t.kernel_height * t.kernel_width;
  Block block;
  block.taps = gathers(t) ? 1 : taps;
  block.channels = gathers(t) ? taps * t.in.channels : t.in.channels;
  block.pixels = reinterpret_cast<std::int64_t*>(scratch);
  block.rows = reinterpret_cast<const float**>(block.pixels + tiles * kRows);
  float* gathered = reinterpret_cast<float*>(block.rows + tiles * kRows * block.taps);
  Cell cell = cell_at(cells.first, t.grid_height, t.grid_width);
  for (std::int64_t i = 0; i < cells.last - cells.first; ++i, step(cell, t.grid_height, t.grid_width)) {
    block.pixels[i] = output_pixel(t, cell);
    const float** rows = block.rows + i / kRows * kRows * block.taps + i % kRows;
    if (!gathers(t)) {
      point_at_taps(t, cell, rows);
      continue;
    }
    gather_taps(t, cell, gathered);
    *rows = gathered;
    gathered += block.channels;
  }
  return block;
}

void conv(const ConvTask& t, Range cells, Range vectors, float* scratch) {
  const Block block = make_block(t, cells, scratch);
  const std::int64_t count = cells.last - cells.first;
  // Weights of a group of vectors stay in the second-level cache while the rows of a tile stay in the first.
  const std::int64_t vector_floats = std::int64_t{block.taps} * block.channels * kLanes;
  const std::int64_t room = kGroupFloats / (2 * vector_floats + 1), group = room > 1 ? 2 * room : 2;
  for (std::int64_t first = vectors.first; first < vectors.last; first += group) {
    const std::int64_t last = first + group < vectors.last ? first + group : vectors.last;
    for (std::int64_t tile = 0; tile * kRows < count; ++tile)
      for (std::int64_t v = first; v < last; v += 2) {
        if (v + 1 < last)
          conv_part<2>(t, block, tile, v, count - tile * kRows);
        else
          conv_part<1>(t, block, tile, v, count - tile * kRows);
      }
  }
}

}  // namespace
}  // namespace pose::cpu
