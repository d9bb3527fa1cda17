#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/binding.h"

namespace pose {

/// Batch norms that follow a convolution (or transposed convolution) directly, and are its only reader, become part of
/// its weights and bias; arithmetic in f64, rounded once. Results change by rounding only.
BoundGraph fold_batch_norm(BoundGraph bound);

/// Activations that follow a convolution or sum directly, and are its only reader, become part of it.
BoundGraph fuse_activations(BoundGraph bound);

/// For every node the nodes whose results nobody reads after it has run. Outputs are never released.
std::vector<std::vector<NodeId>> releases(const Graph& graph);

/// What one layer costs.
struct LayerInfo {
  std::string name, op;
  Chw shape;
  std::int64_t parameters = 0;  ///< trainable ones: running means and variances do not count
  std::int64_t macs = 0;        ///< multiply-adds of convolutions and linear layers, one item
};

std::vector<LayerInfo> describe(const Graph& graph);

struct GraphCost {
  std::int64_t parameters = 0, buffers = 0, conv_macs = 0;
};

/// Trainable parameters, elements of running statistics (a counter per batch norm included, as PyTorch counts), and
/// multiply-adds of convolutions.
GraphCost cost(const Graph& graph);

}  // namespace pose
