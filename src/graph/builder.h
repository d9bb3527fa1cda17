#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace pose {

struct ConvSpec {
  std::int64_t out = 0;
  int kernel = 1, stride = 1, pad = 0, groups = 1;
  bool bias = false;
};

/// Writes a graph layer by layer in the order of the forward pass. Every function adds one node, works out
/// its shape, and returns its id. `name` is the prefix of the checkpoint keys ("layer1.0.conv1" ->
/// "layer1.0.conv1.weight"). Layers that do not fit together (channels, sizes) throw `kMismatch` with the
/// layer's name.
class GraphBuilder {
 public:
  NodeId input(Chw shape);
  NodeId conv(NodeId x, const ConvSpec& spec, const std::string& name);
  /// Kernel `kernel`, padding and output padding as given; no bias.
  NodeId conv_transpose(NodeId x, std::int64_t out, int kernel, int stride, int pad, int output_pad,
                        const std::string& name);
  NodeId linear(NodeId x, std::int64_t out, const std::string& name);
  NodeId batch_norm(NodeId x, const std::string& name, double eps = 1e-5);
  NodeId activation(NodeId x, Activation kind);
  NodeId relu(NodeId x) { return activation(x, Activation::kRelu); }
  NodeId add(const std::vector<NodeId>& terms);
  NodeId concat(const std::vector<NodeId>& parts);
  NodeId slice(NodeId x, std::int64_t begin, std::int64_t channels);
  /// `pad_end`: padding at the right and bottom where it differs from `pad` (-1: the same).
  NodeId max_pool(NodeId x, int kernel, int stride, int pad, int pad_end = -1, bool pad_with_zeros = false);
  NodeId avg_pool(NodeId x, int kernel, int stride);
  NodeId global_avg_pool(NodeId x);
  NodeId upsample(NodeId x, std::int64_t height, std::int64_t width, Interpolation interpolation);
  NodeId pixel_shuffle(NodeId x);
  NodeId scale_channels(NodeId x, NodeId factors);

  const Chw& shape(NodeId id) const { return graph_[id].shape; }
  /// Names the last node for messages and for `Graph` users that look nodes up.
  NodeId name(NodeId id, const std::string& name);
  Graph finish(std::vector<NodeId> outputs);

 private:
  Node make(Op op, std::vector<NodeId> inputs, std::string name) const;
  NodeId push(Node node);

  Graph graph_;
};

}  // namespace pose
