#pragma once

// 3x3 convolutions by Winograd. Part of kernels_impl.h.

#include "engine/cpu/conv_impl.h"

namespace pose::cpu {
namespace {

// Winograd F(4x4, 3x3). Points 0, a, -a, b, -b, infinity; source: Lavin & Gray, Fast Algorithms for
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

/// One row of the matrix that brings three weights to the points; both are `step` vectors apart. See
/// `weight_row` in pack.cpp.
POSE_INLINE void weights_to_points(const Vec* g, int from_step, Vec* u, int step) {
  constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2)), kScaleB = 1 / (2 * kB2 * (kB2 - kA2));
  const Vec g0 = g[0], g1 = g[from_step], g2 = g[2 * from_step];
  const Vec even_a = multiply_add(g2, kScaleA * kA2, g0 * kScaleA);
  const Vec even_b = multiply_add(g2, kScaleB * kB2, g0 * kScaleB);
  u[0] = g0 * (1 / kA2B2);
  u[step] = multiply_add(g1, kScaleA * kA, even_a);
  u[2 * step] = multiply_add(g1, -kScaleA * kA, even_a);
  u[3 * step] = multiply_add(g1, kScaleB * kB, even_b);
  u[4 * step] = multiply_add(g1, -kScaleB * kB, even_b);
  u[5 * step] = g2;
}

/// Plain weights [channels][9][N vectors] at all points: `to`, a point every `weight_step`.
template <int N>
void transform_weights(const float* from, int channels, float* to) {
  for (int c = 0; c < channels; ++c, from += 9 * N * kLanes, to += N * kLanes)
    for (int n = 0; n < N; ++n) {
      Vec g[9], half[kTileIn * 3], u[kTileIn];
      for (int i = 0; i < 9; ++i) g[i] = load(from + (i * N + n) * kLanes);
      for (int x = 0; x < 3; ++x) weights_to_points(g + x, 3, half + x, 3);
      for (int y = 0; y < kTileIn; ++y) {
        weights_to_points(half + y * 3, 1, u, 1);
        for (int x = 0; x < kTileIn; ++x)
          store(to + (y * kTileIn + x) * weight_step(kLanes) + n * kLanes, u[x]);
      }
    }
}

/// Products of some channels at one point.
struct PointTask {
  const float *tiles, *weights;
  float* products;     ///< of a tile after the other, kTilePoints points of N vectors each
  std::int64_t pitch;  ///< floats between tiles
  int channels;
  bool go_on;  ///< add to the products of the channels before
};

/// The products of at most P tiles with N vectors of output channels.
template <int N, int P = kRows>
POSE_INLINE void multiply_part(const PointTask& t, std::int64_t first, std::int64_t count) {
  if constexpr (P > 0) {
    if (count < P) return multiply_part<N, P - 1>(t, first, count);
    constexpr std::int64_t kStep = kTilePoints * N * kLanes;
    float* to = t.products + first * kStep;
    const float* rows[kRows];
    for (int p = 0; p < P; ++p) rows[p] = t.tiles + (first + p) * t.pitch;
    Sums<P, N> sums;
    start(sums);
    if (t.go_on)
      for (int p = 0; p < P; ++p)
        for (int n = 0; n < N; ++n) sums.at[p][n] = load(to + p * kStep + n * kLanes);
    add_products<P, N>(sums, rows, 1, t.channels, t.weights);
    for (int p = 0; p < P; ++p)
      for (int n = 0; n < N; ++n) store(to + p * kStep + n * kLanes, sums.at[p][n]);
  }
}

template <int N>
POSE_INLINE void multiply_point(const PointTask& t, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += kRows) multiply_part<N>(t, i, count - i);
}

/// Asks for the lines that the outputs of these tiles will touch, while there are products to make.
template <int N>
POSE_INLINE void expect_tiles(const ConvTask& t, Range tiles, std::int64_t vector) {
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = tiles.first; i < tiles.last;
       ++i, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    for (int y = cell.y * kTileOut; y < (cell.y + 1) * kTileOut && y < t.out.height; ++y)
      for (int x = cell.x * kTileOut; x < (cell.x + 1) * kTileOut && x < t.out.width; ++x) {
        const std::int64_t pixel = (cell.image * t.out.height + y) * t.out.width + x;
        expect_pixels<1, N>(t, vector, &pixel);
      }
}

template <int N>
void transform_outputs(const ConvTask& t, Range tiles, std::int64_t vector, const float* products) {
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = tiles.first; i < tiles.last;
       ++i, products += kTilePoints * N * kLanes, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    transform_output<N>(t, cell, products, vector);
}

/// Memory for one block of tiles.
struct WinogradRoom {
  float *points, *products, *weights;
  std::int64_t step;  ///< floats between points of tiles
};

/// N vectors of output channels of a block whose tiles are transformed.
template <int N>
void multiply_vectors(const ConvTask& t, Range tiles, std::int64_t vector, const WinogradRoom& room) {
  const std::int64_t count = tiles.last - tiles.first;
  const int chunk = t.plain_weights ? kWeightChannels : t.in.channels;
  for (int c = 0; c < t.in.channels; c += chunk) {
    const int channels = t.in.channels - c < chunk ? t.in.channels - c : chunk;
    if (t.plain_weights)
      transform_weights<N>(t.weights + (vector * t.in.channels + std::int64_t{c} * N) * 9 * kLanes, channels,
                           room.weights);
    for (int k = 0; k < kTilePoints; ++k) {
      if (c == 0)
        expect_tiles<N>(
            t, {tiles.first + count * k / kTilePoints, tiles.first + count * (k + 1) / kTilePoints}, vector);
      PointTask task;
      task.tiles = room.points + k * room.step + c;
      task.weights = t.plain_weights ? room.weights + k * weight_step(kLanes)
                                     : t.weights + (vector * kTilePoints + k * N) * t.in.channels * kLanes;
      task.products = room.products + k * N * kLanes;
      task.pitch = vectors_of(t.in.channels) * kLanes;
      task.channels = channels;
      task.go_on = c > 0;
      multiply_point<N>(task, count);
    }
  }
  transform_outputs<N>(t, tiles, vector, room.products);
}

void winograd(const ConvTask& t, Range tiles, Range vectors, float* scratch) {
  const std::int64_t count = tiles.last - tiles.first, pitch = vectors_of(t.in.channels) * kLanes;
  WinogradRoom room;
  room.step = point_step(count, pitch);
  room.points = scratch;
  room.products = room.points + kTilePoints * room.step;
  room.weights = room.products + kTilePoints * count * 2 * kLanes;
  Cell cell = cell_at(tiles.first, tiles_of(t.out.height), tiles_of(t.out.width));
  for (std::int64_t i = 0; i < count; ++i, step(cell, tiles_of(t.out.height), tiles_of(t.out.width)))
    transform_input(t, cell, room.points + i * pitch, room.step);
  for (std::int64_t v = vectors.first; v < vectors.last; v += 2) {
    if (v + 1 < vectors.last)
      multiply_vectors<2>(t, tiles, v, room);
    else
      multiply_vectors<1>(t, tiles, v, room);
  }
}

}  // namespace
}  // namespace pose::cpu
