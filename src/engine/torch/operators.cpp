#include "engine/torch/operators.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <limits>

#include "pose/error.h"

namespace pose {
namespace {

using Tensors = std::vector<at::Tensor>;

constexpr double kLeakySlope = 0.1;

at::Tensor bias_of(const Tensors& weights) { return weights.size() > 1 ? weights[1] : at::Tensor(); }

at::Tensor conv(const Node& node, const at::Tensor& x, const Tensors& w) {
  return activate(at::conv2d(x, w[0], bias_of(w), node.stride, node.pad, /*dilation=*/1, node.groups),
                  node.activation);
}

at::Tensor conv_transpose(const Node& node, const at::Tensor& x, const Tensors& w) {
  return activate(at::conv_transpose2d(x, w[0], bias_of(w), node.stride, node.pad, node.output_pad),
                  node.activation);
}

at::Tensor max_pool(const Node& node, const at::Tensor& x) {
  const int end = node.pad_end < 0 ? node.pad : node.pad_end;
  if (node.pad == end && !node.pad_with_zeros) return at::max_pool2d(x, node.kernel, node.stride, node.pad);
  const double fill = node.pad_with_zeros ? 0.0 : -std::numeric_limits<double>::infinity();
  return at::max_pool2d(at::constant_pad_nd(x, {node.pad, end, node.pad, end}, fill), node.kernel,
                        node.stride);
}

at::Tensor upsample(const Node& node, const at::Tensor& x) {
  const std::vector<std::int64_t> size{node.shape.h, node.shape.w};
  switch (node.interpolation) {
    case Interpolation::kNearest: return at::upsample_nearest2d(x, size);
    case Interpolation::kBilinear: return at::upsample_bilinear2d(x, size, /*align_corners=*/false);
    case Interpolation::kBilinearAlignCorners:
      return at::upsample_bilinear2d(x, size, /*align_corners=*/true);
  }
  throw Error::internal("unknown interpolation");
}

}  // namespace

at::Tensor activate(at::Tensor x, Activation kind) {
  switch (kind) {
    case Activation::kNone: return x;
    case Activation::kRelu: return x.relu_();
    case Activation::kLeaky: return at::leaky_relu_(x, kLeakySlope);
    case Activation::kRelu6: return x.clamp_(0, 6);
    case Activation::kLogistic: return x.sigmoid_();
    case Activation::kMish: return at::mish_(x);
    case Activation::kSwish: return at::silu_(x);
  }
  throw Error::internal("unknown activation");
}

at::Tensor compute(const Node& node, const Tensors& inputs, const Tensors& w) {
  const at::Tensor& x = inputs.at(0);
  switch (node.op) {
    case Op::kConv: return conv(node, x, w);
    case Op::kConvTranspose: return conv_transpose(node, x, w);
    case Op::kLinear: return at::linear(x.flatten(1), w[0], w[1]).unsqueeze(-1).unsqueeze(-1);
    case Op::kBatchNorm:
      return at::batch_norm(x, w[0], w[1], w[2], w[3], /*training=*/false, /*momentum=*/0, node.eps,
                            /*cudnn_enabled=*/true);
    case Op::kConcat: return at::cat(inputs, 1);
    case Op::kSlice: return x.narrow(1, node.slice_begin, node.shape.c).clone(x.suggest_memory_format());
    case Op::kMaxPool: return max_pool(node, x);
    case Op::kAvgPool: return at::avg_pool2d(x, node.kernel, node.stride);
    case Op::kGlobalAvgPool: return at::mean(x, {2, 3}, /*keepdim=*/true);
    case Op::kUpsample: return upsample(node, x);
    case Op::kPixelShuffle: return at::pixel_shuffle(x, 2);
    case Op::kScaleChannels: return at::mul(x, inputs.at(1));
    case Op::kInput:
    case Op::kActivation:
    case Op::kAdd: break;
  }
  throw Error::internal("node '" + node.name + "' is not computed here");
}

}  // namespace pose
