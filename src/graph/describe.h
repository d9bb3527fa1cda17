#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "pose/model_card.h"

namespace pose {

/// What one layer costs.
struct LayerInfo {
  std::string name, op;
  Chw shape;
  std::int64_t parameters = 0;  ///< trainable ones: running means and variances do not count
  std::int64_t macs = 0;        ///< multiply-adds of convolutions and linear layers, one item
};

/// Multiply-adds of one item; 0 for all but convolutions and linear layers.
std::int64_t multiply_adds(const Graph& graph, const Node& node);

std::vector<LayerInfo> describe(const Graph& graph);

struct GraphCost {
  std::int64_t parameters = 0, buffers = 0, conv_macs = 0;
};

/// Trainable parameters, elements of running statistics (a counter per batch norm included, as PyTorch
/// counts), and multiply-adds of convolutions.
GraphCost cost(const Graph& graph);

/// The network of any card but TorchScript ones, detectors at the size of their cfg.
/// Throws like `build_pose_graph` and `build_darknet`.
Graph graph_of(const ModelCard& card);

}  // namespace pose
