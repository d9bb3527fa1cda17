#include "engine/torch/torch_network.h"

#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
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
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <limits>
#include <utility>
#include <vector>

#include "engine/torch/convert.h"
#include "graph/passes.h"

namespace pose {
namespace {

using Tensors = std::vector<at::Tensor>;

constexpr double kLeakySlope = 0.1;
constexpr double kBatchNormEps = 1e-5;

/// `x` may be overwritten: every caller owns it.
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

at::Tensor max_pool(const Node& node, at::Tensor x) {
  const int end = node.pad_end < 0 ? node.pad : node.pad_end;
  if (node.pad == end && !node.pad_with_zeros)
    return at::max_pool2d(x, node.kernel, node.stride, node.pad);
  const double fill = node.pad_with_zeros ? 0.0 : -std::numeric_limits<double>::infinity();
  x = at::constant_pad_nd(x, {node.pad, end, node.pad, end}, fill);
  return at::max_pool2d(x, node.kernel, node.stride);
}

at::Tensor upsample(const Node& node, const at::Tensor& x) {
  const std::vector<std::int64_t> size{node.shape.h, node.shape.w};
  if (x.size(2) == size[0] && x.size(3) == size[1]) return x;
  switch (node.interpolation) {
    case Interpolation::kNearest: return at::upsample_nearest2d(x, size);
    case Interpolation::kBilinear: return at::upsample_bilinear2d(x, size, /*align_corners=*/false);
    case Interpolation::kBilinearAlignCorners: return at::upsample_bilinear2d(x, size, /*align_corners=*/true);
  }
  throw Error::internal("unknown interpolation");
}

class TorchNetwork final : public Network {
 public:
  TorchNetwork(BoundGraph bound, at::Device device) : device_(device) {
    bound = fuse_activations(std::move(bound));
    graph_ = std::move(bound.graph);
    releases_ = releases(graph_);
    weights_.resize(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (Blob& blob : bound.values[i]) weights_[i].push_back(to_device(to_tensor(blob)));
      bound.values[i].clear();
    }
  }

  std::vector<Blob> forward(const Blob& batch) override {
    const Chw& in = graph_.nodes.front().shape;
    const std::vector<std::int64_t>& s = batch.shape();
    if (s.size() != 4 || s[0] < 1 || s[1] != in.c || s[2] != in.h || s[3] != in.w)
      throw Error::mismatch("the network takes batches of " + std::to_string(in.c) + "x" + std::to_string(in.h) +
                            "x" + std::to_string(in.w) + " pixels");
    return guarded("the network cannot be run", [&] {
      std::vector<Blob> outputs;
      for (const at::Tensor& tensor : run(to_device(to_tensor(batch)))) outputs.push_back(to_blob(tensor));
      return outputs;
    });
  }

 private:
  /// Four-dimensional tensors go channels-last: measured fastest for whole networks.
  at::Tensor to_device(const at::Tensor& tensor) const {
    const at::Tensor there = tensor.to(device_);
    return there.dim() == 4 ? there.contiguous(at::MemoryFormat::ChannelsLast) : there;
  }

  Tensors run(at::Tensor input) const {
    Tensors results(graph_.nodes.size());
    results[0] = std::move(input);
    for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
      results[i] = compute(i, results);
      for (const NodeId id : releases_[i]) results[static_cast<std::size_t>(id)] = at::Tensor();
    }
    Tensors outputs;
    for (const NodeId id : graph_.outputs) outputs.push_back(results[static_cast<std::size_t>(id)]);
    return outputs;
  }

  /// An input that nobody reads after node `i` may be overwritten.
  at::Tensor take(std::size_t i, NodeId id, const Tensors& results) const {
    const at::Tensor& x = results[static_cast<std::size_t>(id)];
    for (const NodeId released : releases_[i])
      if (released == id && id != 0) return x;
    return x.clone();
  }

  at::Tensor add(std::size_t i, const Tensors& results) const {
    const Node& node = graph_.nodes[i];
    // Left to right, as the references do; the first sum makes a new tensor unless the first term may be reused.
    at::Tensor sum = at::add(results[static_cast<std::size_t>(node.inputs[0])],
                             results[static_cast<std::size_t>(node.inputs[1])]);
    for (std::size_t k = 2; k < node.inputs.size(); ++k)
      sum.add_(results[static_cast<std::size_t>(node.inputs[k])]);
    return activate(std::move(sum), node.activation);
  }

  at::Tensor compute(std::size_t i, const Tensors& results) const {
    const Node& node = graph_.nodes[i];
    const Tensors& w = weights_[i];
    const at::Tensor& x = results[static_cast<std::size_t>(node.inputs[0])];
    switch (node.op) {
      case Op::kConv:
        return activate(at::conv2d(x, w[0], w.size() > 1 ? w[1] : at::Tensor(), node.stride, node.pad, 1, node.groups),
                        node.activation);
      case Op::kConvTranspose:
        return activate(at::conv_transpose2d(x, w[0], w.size() > 1 ? w[1] : at::Tensor(), node.stride, node.pad,
                                             node.output_pad),
                        node.activation);
      case Op::kLinear: return at::linear(x.flatten(1), w[0], w[1]).unsqueeze(-1).unsqueeze(-1);
      case Op::kBatchNorm:
        return at::batch_norm(x, w[0], w[1], w[2], w[3], /*training=*/false, 0.0, kBatchNormEps, false);
      case Op::kActivation: return activate(take(i, node.inputs[0], results), node.activation);
      case Op::kAdd: return add(i, results);
      case Op::kConcat: {
        Tensors parts;
        for (const NodeId id : node.inputs) parts.push_back(results[static_cast<std::size_t>(id)]);
        return at::cat(parts, 1);
      }
      case Op::kSlice: return x.narrow(1, node.slice_begin, node.shape.c);
      case Op::kMaxPool: return max_pool(node, x);
      case Op::kAvgPool: return at::avg_pool2d(x, node.kernel, node.stride);
      case Op::kGlobalAvgPool: return at::mean(x, {2, 3}, /*keepdim=*/true);
      case Op::kUpsample: return upsample(node, x);
      case Op::kPixelShuffle: return at::pixel_shuffle(x, 2);
      case Op::kScaleChannels: return at::mul(x, results[static_cast<std::size_t>(node.inputs[1])]);
      case Op::kInput: break;
    }
    throw Error::internal("node '" + node.name + "' cannot be run");
  }

  const at::Device device_;
  Graph graph_;
  std::vector<std::vector<NodeId>> releases_;
  std::vector<Tensors> weights_;
};

}  // namespace

std::unique_ptr<Network> make_torch_network(BoundGraph bound, const EngineOptions& options) {
  set_torch_threads(options.threads);
  const at::Device device = parse_device(options.device);
  return guarded("the network cannot be made", [&]() -> std::unique_ptr<Network> {
    return std::make_unique<TorchNetwork>(std::move(bound), device);
  });
}

}  // namespace pose
