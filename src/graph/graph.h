#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/activation.h"

namespace pose {

/// Index of a node within its graph; nodes only take inputs with smaller indices.
using NodeId = int;

enum class Op {
  kInput,
  kConv,           ///< params: weight [out, in/groups, k, k], bias [out] (optional)
  kConvTranspose,  ///< params: weight [in, out, k, k]
  kLinear,         ///< on [n, c, 1, 1]; params: weight [out, in], bias [out]
  kBatchNorm,      ///< params: weight, bias, running_mean, running_var, all [c]
  kActivation,
  kAdd,     ///< two or more inputs, summed left to right
  kConcat,  ///< along channels, in order
  kSlice,   ///< channels [slice_begin, slice_begin + shape.c)
  kMaxPool,
  kAvgPool,
  kGlobalAvgPool,  ///< [n, c, h, w] -> [n, c, 1, 1]
  kUpsample,       ///< to (shape.h, shape.w)
  kPixelShuffle,   ///< factor 2
  kScaleChannels,  ///< input 0 [n, c, h, w] times input 1 [n, c, 1, 1]
};

enum class Interpolation { kNearest, kBilinear, kBilinearAlignCorners };

/// Shape of one item of a batch.
struct Chw {
  std::int64_t c = 0, h = 0, w = 0;
};

/// "256x64x48"
std::string to_string(const Chw& shape);

/// "conv", "batch_norm", ...
std::string_view to_string(Op op);

enum class ParamKind { kWeight, kBias, kMean, kVar };

/// One tensor of the checkpoint that a node needs.
struct Param {
  ParamKind kind;
  std::string key;  ///< in the checkpoint; the only place where keys are written
  std::vector<std::int64_t> shape;
};

struct Node {
  Op op = Op::kInput;
  std::string name;  ///< for messages and `pose inspect`: "stage2.0.branches.1.0.conv1"
  std::vector<NodeId> inputs;
  Chw shape;  ///< of the output
  std::vector<Param> params;

  // convolutions and pools
  int kernel = 1, stride = 1, pad = 0, groups = 1;
  int output_pad = 0;           ///< transposed convolution
  int pad_end = -1;             ///< pools: right/bottom padding where it differs from `pad`; -1: the same
  bool pad_with_zeros = false;  ///< max pools: padding takes part as 0 (AlphaPose's stride-1 pool)

  Activation activation = Activation::kNone;  ///< kActivation; after `fuse_activations` also on conv and add
  Interpolation interpolation = Interpolation::kNearest;
  std::int64_t slice_begin = 0;
  double eps = 1e-5;  ///< batch norms: added to the variance
};

/// A network as named layers in the order they run. No tensors, no library types.
struct Graph {
  std::vector<Node> nodes;
  std::vector<NodeId> outputs;

  const Node& operator[](NodeId id) const { return nodes.at(static_cast<std::size_t>(id)); }
};

}  // namespace pose
