#include "graph/describe.h"

#include <utility>

#include "graph/architectures.h"
#include "graph/darknet.h"

namespace pose {
namespace {

std::int64_t elements(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape) n *= d;
  return n;
}

}  // namespace

std::int64_t multiply_adds(const Graph& graph, const Node& node) {
  if (node.params.empty()) return 0;
  const std::int64_t weights = elements(node.params[0].shape);
  switch (node.op) {
    case Op::kConv: return weights * node.shape.h * node.shape.w;
    case Op::kConvTranspose: {
      const Chw& in = graph[node.inputs[0]].shape;
      return weights * in.h * in.w;
    }
    case Op::kLinear: return weights;
    default: return 0;
  }
}

std::vector<LayerInfo> describe(const Graph& graph) {
  std::vector<LayerInfo> layers;
  for (const Node& node : graph.nodes) {
    LayerInfo info{node.name, std::string(to_string(node.op)), node.shape, 0, multiply_adds(graph, node)};
    for (const Param& param : node.params)
      if (param.kind == ParamKind::kWeight || param.kind == ParamKind::kBias)
        info.parameters += elements(param.shape);
    layers.push_back(std::move(info));
  }
  return layers;
}

GraphCost cost(const Graph& graph) {
  GraphCost total;
  for (const LayerInfo& layer : describe(graph)) {
    total.parameters += layer.parameters;
    if (layer.op != to_string(Op::kLinear)) total.conv_macs += layer.macs;
  }
  for (const Node& node : graph.nodes)
    if (node.op == Op::kBatchNorm) total.buffers += 2 * node.shape.c + 1;
  return total;
}

Graph graph_of(const ModelCard& card) {
  if (card.role == ModelRole::kPose) return build_pose_graph(card);
  return build_darknet(read_darknet_cfg(card.config), 0, darknet_style(card.det_rules)).graph;
}

}  // namespace pose
