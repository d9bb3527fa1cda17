#include "engine/torch/torch_network.h"

#include <ATen/Parallel.h>
#include <ATen/ops/add.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/engines.h"
#include "engine/torch/convert.h"
#include "engine/torch/operators.h"
#include "engine/torch/packed_conv.h"
#include "graph/passes.h"

namespace pose {
namespace {

using Tensors = std::vector<at::Tensor>;

/// What a node needs beside its inputs: packed weights, plain ones or nothing.
struct Layer {
  std::unique_ptr<PackedConv> packed;
  Tensors weights;
};

class TorchNetwork final : public Network {
 public:
  TorchNetwork(BoundGraph bound, at::Device device) : device_(device) {
    bound = fuse_activations(std::move(bound));
    graph_ = bound.graph;
    releases_ = releases(graph_);
    std::vector<float> scratch;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      layers_.push_back(make_layer(graph_.nodes[i], weights_of(bound, i, scratch)));
      bound.values[i].clear();  // one layer at a time is there twice
    }
  }

  std::vector<Blob> forward(const Blob& batch) override {
    check_batch(graph_, batch);
    return guarded(ErrorKind::kInternal, "the network cannot be run", [&] {
      std::vector<Blob> outputs;
      for (const at::Tensor& tensor : run(place(to_tensor(batch)))) outputs.push_back(to_blob(tensor));
      return outputs;
    });
  }

 private:
  /// On the device, and channels last: measured fastest for whole networks.
  at::Tensor place(const at::Tensor& tensor) const {
    const at::Tensor there = tensor.to(device_);
    return there.dim() == 4 ? there.contiguous(at::MemoryFormat::ChannelsLast) : there;
  }

  /// Copies the values: a network does not depend on the file that it came from.
  Layer make_layer(const Node& node, const std::vector<Blob>& values) const {
    Layer layer;
    if (node.op == Op::kConv && device_.is_cpu()) {
      const at::Tensor bias = values.size() > 1 ? to_tensor(values[1]).clone() : at::Tensor();
      layer.packed = PackedConv::make(node, graph_[node.inputs[0]].shape, to_tensor(values[0]), bias);
      if (layer.packed) return layer;
    }
    for (const Blob& blob : values) {
      const at::Tensor tensor = to_tensor(blob), placed = place(tensor);
      layer.weights.push_back(placed.is_alias_of(tensor) ? placed.clone() : placed);
    }
    return layer;
  }

  Tensors run(at::Tensor input) const {
    Tensors results(graph_.nodes.size());
    results[0] = std::move(input);
    for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
      results[i] = result_of(i, results);
      for (const NodeId id : releases_[i]) results[static_cast<std::size_t>(id)] = at::Tensor();
    }
    Tensors outputs;
    for (const NodeId id : graph_.outputs) outputs.push_back(results[static_cast<std::size_t>(id)]);
    return outputs;
  }

  at::Tensor result_of(std::size_t i, const Tensors& results) const {
    const Node& node = graph_.nodes[i];
    const Layer& layer = layers_[i];
    Tensors inputs;
    for (const NodeId id : node.inputs) inputs.push_back(results[static_cast<std::size_t>(id)]);
    if (layer.packed) return layer.packed->run(inputs[0]);
    if (node.op == Op::kAdd) return sum(i, inputs);
    if (node.op == Op::kActivation)
      return activate(may_overwrite(i, 0) ? inputs[0] : inputs[0].clone(), node.activation);
    return compute(node, inputs, layer.weights);
  }

  /// Whether input `k` of node `i` is read by nobody else, now or later. The network's input belongs to the
  /// caller.
  bool may_overwrite(std::size_t i, std::size_t k) const {
    const std::vector<NodeId>& inputs = graph_.nodes[i].inputs;
    const NodeId id = inputs[k];
    return id != 0 && std::count(inputs.begin(), inputs.end(), id) == 1 &&
           std::count(releases_[i].begin(), releases_[i].end(), id) == 1;
  }

  /// Left to right, as the references do.
  at::Tensor sum(std::size_t i, const Tensors& terms) const {
    at::Tensor total = may_overwrite(i, 0)   ? at::Tensor(terms[0]).add_(terms[1])
                       : may_overwrite(i, 1) ? at::Tensor(terms[1]).add_(terms[0])
                                             : at::add(terms[0], terms[1]);
    for (std::size_t k = 2; k < terms.size(); ++k) total.add_(terms[k]);
    return activate(std::move(total), graph_.nodes[i].activation);
  }

  const at::Device device_;
  Graph graph_;
  std::vector<std::vector<NodeId>> releases_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Network> make_torch_network(BoundGraph bound, const EngineOptions& options) {
  set_torch_threads(options.threads);
  const at::Device device = parse_device(options.device);
  return guarded(ErrorKind::kInternal, "the network cannot be made", [&]() -> std::unique_ptr<Network> {
    return std::make_unique<TorchNetwork>(std::move(bound), device);
  });
}

}  // namespace pose
