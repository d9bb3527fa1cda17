#pragma once

#include <cstddef>
#include <cstdint>

#include "graph/activation.h"

namespace pose::cpu {

// What the loops see: raw pointers and sizes. Nothing of the standard library may be included here or in the
// files that implement this, for they are compiled for processors that the program may not run on, and the
// linker keeps one copy of an inline function for everybody.
//
// Maps of a batch lie pixel by pixel, channels innermost: pixel `p` (rows of image 0, rows of image 1, ...)
// has its channels at `data + p * stride`. `stride` is at least the number of channels rounded up to whole
// vectors, except for the input of the network; what stands in the channels behind the last one is never
// used.

/// From the first up to, not including, the last.
struct Range {
  std::int64_t first = 0, last = 0;
};

struct Map {
  float* data = nullptr;
  std::int64_t stride = 0;  ///< floats between pixels
  int channels = 0, height = 0, width = 0;
};

/// A convolution, or one phase of a transposed one. Grid cell (y, x) becomes output pixel (y * out_step +
/// out_y, x * out_step + out_x); its first tap reads input pixel (y * stride - top, x * stride - left).
/// Outside the input is 0. Then come the sum with `residual` and the activation.
struct ConvTask {
  Map in, out;
  Map residual;                    ///< of the output's size; `data` null: none. May be `out`.
  const float* weights = nullptr;  ///< packed: `pack_conv`, `pack_winograd`, ...
  const float* bias = nullptr;     ///< per output channel, whole vectors
  const float* zeros = nullptr;    ///< as many as the input has channels, whole vectors
  int grid_height = 0, grid_width = 0, out_step = 1, out_y = 0, out_x = 0;
  int kernel_height = 1, kernel_width = 1, stride = 1, top = 0, left = 0;
  /// Winograd: weights are as the layer has them (`pack_plain`), and brought to the points when they are
  /// used.
  bool plain_weights = false;
  Activation activation = Activation::kNone;
};

/// A sum of maps; those of lower resolution are enlarged by `1 << shift` (nearest).
constexpr int kMostTerms = 8;
struct SumTask {
  Map out;
  Map terms[kMostTerms];
  int shifts[kMostTerms] = {};
  int count = 0;
  Activation activation = Activation::kNone;
};

/// `activation(in * factor[channel] + shift[channel] + residual)`; factor and shift of image n begin at `+ n
/// * step`.
struct ScaleTask {
  Map in, out;
  Map residual;  ///< `data` null: none
  const float* factors = nullptr;
  const float* shifts = nullptr;  ///< null: 0
  std::int64_t step = 0;
  Activation activation = Activation::kNone;
};

/// A window over the map; `begin`: padding at the top and left.
struct PoolTask {
  Map in, out;
  int kernel = 1, stride = 1, begin = 0;
  bool zeros_count = false;  ///< padding takes part as 0
  bool mean = false;         ///< average instead of maximum; no padding then
};

struct ResizeTask {
  Map in, out;
  bool bilinear = false, align_corners = false;
};

/// The loops for one kind of processor. A value does not depend on the ranges that it was computed with:
/// every output is summed in the same order whatever the batch, the threads and the pieces are.
struct Kernels {
  const char* name;
  int lanes;  ///< floats of a vector; packed weights depend on it
  int rows;   ///< pixels that are computed together; ranges of pixels are best multiples of it

  /// Cells of all grids of the batch, and output channels in vectors.
  void (*conv)(const ConvTask&, Range cells, Range vectors, float* scratch);
  /// 3x3, stride 1: Winograd's F(4x4, 3x3) over tiles of 4x4 outputs.
  void (*winograd)(const ConvTask&, Range tiles, Range vectors, float* scratch);
  /// One input channel for each output channel.
  void (*depthwise)(const ConvTask&, Range cells);
  void (*sum)(const SumTask&, Range pixels);
  void (*scale)(const ScaleTask&, Range pixels);
  void (*pool)(const PoolTask&, Range pixels);
  void (*resize)(const ResizeTask&, Range pixels);
  void (*global_mean)(const Map& in, const Map& out, Range images);
  /// By 2: `out[k][2y + i][2x + j] = in[4k + 2i + j][y][x]`. Output pixels.
  void (*pixel_shuffle)(const Map& in, const Map& out, Range pixels);
  /// The channels of `in` to the front of `out`.
  void (*copy)(const Map& in, const Map& out, Range pixels);
  /// `[n, c, h, w]` <-> maps, image by image.
  void (*from_planes)(const float* planes, const Map& out, Range images);
  void (*to_planes)(const Map& in, float* planes, Range images);
  /// `count` multiply-adds of vectors that wait for nothing but the processor; `sums`: what the compiler must
  /// not leave out.
  void (*multiply_adds)(std::int64_t count, float* sums);
};

/// Floats of scratch memory that one call needs.
std::size_t conv_scratch(const ConvTask& task, std::int64_t cells, const Kernels& kernels);
std::size_t winograd_scratch(const ConvTask& task, std::int64_t tiles, const Kernels& kernels);

/// Floats between the points of `tiles` tiles of `pitch` channels: a line more than they need, for at powers
/// of two all points would fall into the same few lines of the nearest cache.
constexpr std::int64_t point_step(std::int64_t tiles, std::int64_t pitch) { return tiles * pitch + 16; }

/// Tiles of one image.
std::int64_t winograd_tiles(const ConvTask& task);

/// Convolutions of so few channels copy the numbers under their window together first.
constexpr int kGatherChannels = 4;

/// Input channels whose weights are brought to Winograd's points together, and the floats that one point of
/// them takes for a pair of vectors: more than they need, as with tiles.
constexpr int kWeightChannels = 64;
constexpr std::int64_t weight_step(int lanes) { return kWeightChannels * 2 * lanes + 16; }

/// Winograd's tiles: outputs and inputs on a side.
constexpr int kTileOut = 4, kTileIn = 6, kTilePoints = kTileIn * kTileIn;

// Points of the transform, besides 0 and infinity; nearer to 1 than the usual 1 and 2.
constexpr double kPointA = 0.625, kPointB = 1.5;

extern const Kernels kPlainKernels, kAvx2Kernels, kAvx512Kernels;

/// Those for the processor that the program runs on.
const Kernels& best_kernels();

}  // namespace pose::cpu
