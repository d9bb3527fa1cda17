// The loops, in vectors of the compiler (GCC, Clang). Included by one file for each kind of processor, which
// states `kLanes` and `kRows` and is compiled for it; everything is local to that file (see kernels.h).

#include <string.h>
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
  const std::int64_t room = kGroupFloats / (2 * vector_floats), group = room > 1 ? 2 * room : 2;
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

// ---- Winograd F(4x4, 3x3). Points 0, a, -a, b, -b, infinity; source: Lavin & Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016; the transposed Toom-Cook matrices of these points.

constexpr auto kA = static_cast<float>(kPointA), kB = static_cast<float>(kPointB);
constexpr auto kA2 = static_cast<float>(kPointA * kPointA), kB2 = static_cast<float>(kPointB * kPointB);
constexpr auto kA3 = static_cast<float>(kPointA * kPointA * kPointA),
               kB3 = static_cast<float>(kPointB * kPointB * kPointB);
constexpr auto kA2B2 = static_cast<float>(kPointA * kPointA * kPointB * kPointB),
               kA2PlusB2 = static_cast<float>(kPointA * kPointA + kPointB * kPointB);

/// Six inputs to the six points; both are `step` vectors apart.
POSE_INLINE void to_points(const Vec* d, Vec* v, int step) {
  const Vec d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
  const Vec even_a = multiply_add(d2, -kB2, d4), odd_a = multiply_add(d1, -kB2, d3);
  const Vec even_b = multiply_add(d2, -kA2, d4), odd_b = multiply_add(d1, -kA2, d3);
  v[0] = multiply_add(d0, kA2B2, multiply_add(d2, -kA2PlusB2, d4));
  v[step] = multiply_add(odd_a, kA, even_a);
  v[2 * step] = multiply_add(odd_a, -kA, even_a);
  v[3 * step] = multiply_add(odd_b, kB, even_b);
  v[4 * step] = multiply_add(odd_b, -kB, even_b);
  v[5 * step] = multiply_add(d1, kA2B2, multiply_add(d3, -kA2PlusB2, d5));
}

/// Six points to the four outputs.
POSE_INLINE void from_points(const Vec* m, int from_step, Vec* y, int step) {
  const Vec sum_a = m[from_step] + m[2 * from_step], difference_a = m[from_step] - m[2 * from_step];
  const Vec sum_b = m[3 * from_step] + m[4 * from_step], difference_b = m[3 * from_step] - m[4 * from_step];
  y[0] = m[0] + (sum_a + sum_b);
  y[step] = multiply_add(difference_a, kA, difference_b * kB);
  y[2 * step] = multiply_add(sum_a, kA2, sum_b * kB2);
  y[3 * step] = multiply_add(difference_a, kA3, multiply_add(difference_b, kB3, m[5 * from_step]));
}

POSE_INLINE int tiles_of(int side) { return (side + kTileOut - 1) / kTileOut; }

/// Tile `cell` of the input at all points: point k of channel c at `to[k * step + c]`.
void transform_input(const ConvTask& t, const Cell& cell, float* to, std::int64_t step) {
  const float* pixel[kTilePoints];
  for (int i = 0; i < kTilePoints; ++i)
    pixel[i] = input_pixel(t, cell.image, cell.y * kTileOut - t.top + i / kTileIn,
                           cell.x * kTileOut - t.left + i % kTileIn);
  for (std::int64_t c = 0; c < vectors_of(t.in.channels) * kLanes; c += kLanes) {
    Vec d[kTilePoints];
    for (int x = 0; x < kTileIn; ++x) {
      Vec column[kTileIn];
      for (int y = 0; y < kTileIn; ++y) column[y] = load(pixel[y * kTileIn + x] + c);
      Vec points[kTileIn];
      to_points(column, points, 1);
      for (int y = 0; y < kTileIn; ++y) d[y * kTileIn + x] = points[y];
    }
    for (int y = 0; y < kTileIn; ++y) {
      Vec points[kTileIn];
      to_points(d + y * kTileIn, points, 1);
      for (int x = 0; x < kTileIn; ++x) store(to + (y * kTileIn + x) * step + c, points[x]);
    }
  }
}

/// `products`: point k of N vectors at `products[k * N * kLanes]`.
template <int N>
void transform_output(const ConvTask& t, const Cell& cell, const float* products, std::int64_t vector) {
  for (int n = 0; n < N; ++n) {
    const Vec bias = load(t.bias + (vector + n) * kLanes);
    Vec half[kTileIn * kTileOut];  // [6 rows of points][4 columns]
    for (int y = 0; y < kTileIn; ++y) {
      Vec m[kTileIn];
      for (int x = 0; x < kTileIn; ++x) m[x] = load(products + ((y * kTileIn + x) * N + n) * kLanes);
      from_points(m, 1, half + y * kTileOut, 1);
    }
    for (int x = 0; x < kTileOut; ++x) {
      Vec column[kTileOut];
      from_points(half + x, kTileOut, column, 1);
      const int out_x = cell.x * kTileOut + x;
      for (int y = 0; y < kTileOut; ++y) {
        const int out_y = cell.y * kTileOut + y;
        if (out_y >= t.out.height || out_x >= t.out.width) continue;
        Sums<1, 1> sums{{{column[y] + bias}}};
        const std::int64_t out = (cell.image * t.out.height + out_y) * t.out.width + out_x;
        finish<1, 1>(sums, t, vector + n, &out);
      }
    }
  }
}

/// The products of one point for `count` tiles: `tiles` [count][channels], results N vectors each `step`
/// floats apart.
template <int N, int P = kRows>
POSE_INLINE void multiply_part(const float* tiles, std::int64_t pitch, int channels, const float* w,
                               float* to, std::int64_t step, std::int64_t count) {
  if constexpr (P > 0) {
    if (count < P) return multiply_part<N, P - 1>(tiles, pitch, channels, w, to, step, count);
    const float* rows[kRows];
    for (int p = 0; p < P; ++p) rows[p] = tiles + p * pitch;
    Sums<P, N> sums;
    start(sums);
    add_products<P, N>(sums, rows, 1, channels, w);
    for (int p = 0; p < P; ++p)
      for (int n = 0; n < N; ++n) store(to + p * step + n * kLanes, sums.at[p][n]);
  }
}

/// The products of point `k` of all tiles with N vectors of output channels. Products of one vector pair lie
/// together: [pair][tile][point][N vectors].
template <int N>
POSE_INLINE void multiply_point(const ConvTask& t, int k, std::int64_t count, std::int64_t vector,
                                const float* tiles, float* products) {
  const std::int64_t pitch = vectors_of(t.in.channels) * kLanes;
  const float* w = t.weights + (vector * kTilePoints + k * N) * t.in.channels * kLanes;
  constexpr std::int64_t kStep = kTilePoints * N * kLanes;
  for (std::int64_t i = 0; i < count; i += kRows)
    multiply_part<N>(tiles + i * pitch, pitch, t.in.channels, w, products + i * kStep + k * N * kLanes, kStep,
                     count - i);
}

/// Asks for the lines that the outputs of these tiles will touch, while there are products to make.
POSE_INLINE void expect_tiles(const ConvTask& t, Range tiles, Range vectors) {
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = tiles.first; i < tiles.last;
       ++i, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    for (int y = cell.y * kTileOut; y < (cell.y + 1) * kTileOut && y < t.out.height; ++y)
      for (int x = cell.x * kTileOut; x < (cell.x + 1) * kTileOut && x < t.out.width; ++x) {
        const std::int64_t pixel = (cell.image * t.out.height + y) * t.out.width + x;
        for (std::int64_t v = vectors.first; v < vectors.last; v += 2) expect_pixels<1, 2>(t, v, &pixel);
      }
}

template <int N>
void transform_outputs(const ConvTask& t, Range tiles, std::int64_t vector, const float* products) {
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = tiles.first; i < tiles.last;
       ++i, products += kTilePoints * N * kLanes, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    transform_output<N>(t, cell, products, vector);
}

void winograd(const ConvTask& t, Range tiles, Range vectors, float* scratch) {
  const std::int64_t count = tiles.last - tiles.first, pitch = vectors_of(t.in.channels) * kLanes;
  const std::int64_t step_floats = point_step(count, pitch);
  float* points = scratch;
  float* products = points + kTilePoints * step_floats;
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = 0; i < count; ++i, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    transform_input(t, cell, points + i * pitch, step_floats);
  const std::int64_t pair_floats = kTilePoints * count * 2 * kLanes;
  for (std::int64_t first = vectors.first; first < vectors.last; first += t.group) {
    const std::int64_t last = first + t.group < vectors.last ? first + t.group : vectors.last;
    for (int k = 0; k < kTilePoints; ++k) {
      expect_tiles(t, {tiles.first + count * k / kTilePoints, tiles.first + count * (k + 1) / kTilePoints},
                   {first, last});
      for (std::int64_t v = first; v < last; v += 2) {
        float* to = products + (v - first) / 2 * pair_floats;
        if (v + 1 < last)
          multiply_point<2>(t, k, count, v, points + k * step_floats, to);
        else
          multiply_point<1>(t, k, count, v, points + k * step_floats, to);
      }
    }
    for (std::int64_t v = first; v < last; v += 2) {
      const float* from = products + (v - first) / 2 * pair_floats;
      if (v + 1 < last)
        transform_outputs<2>(t, tiles, v, from);
      else
        transform_outputs<1>(t, tiles, v, from);
    }
  }
}

// ---- everything else

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
