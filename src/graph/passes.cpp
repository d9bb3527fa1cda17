#include "graph/passes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

std::vector<int> count_readers(const Graph& graph) {
  std::vector<int> readers(graph.nodes.size(), 0);
  for (const Node& node : graph.nodes)
    for (const NodeId id : node.inputs) ++readers[static_cast<std::size_t>(id)];
  for (const NodeId id : graph.outputs) ++readers[static_cast<std::size_t>(id)];
  return readers;
}

/// Takes out all nodes that `into` sends elsewhere: readers of a removed node read `into[node]` instead.
BoundGraph without(BoundGraph bound, const std::vector<NodeId>& into) {
  std::vector<NodeId> moved(into.size());
  BoundGraph result;
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (into[i] != static_cast<NodeId>(i)) {
      moved[i] = moved[static_cast<std::size_t>(into[i])];
      continue;
    }
    moved[i] = static_cast<NodeId>(result.graph.nodes.size());
    Node& node = bound.graph.nodes[i];
    for (NodeId& id : node.inputs) id = moved[static_cast<std::size_t>(id)];
    result.graph.nodes.push_back(std::move(node));
    result.values.push_back(std::move(bound.values[i]));
    result.scales.push_back(std::move(bound.scales[i]));
  }
  for (const NodeId id : bound.graph.outputs)
    result.graph.outputs.push_back(moved[static_cast<std::size_t>(id)]);
  return result;
}

/// Pairs of a node and the one that alone reads it, where `joins(first, second)` says so: `second` is merged
/// into `first` by `merge` and removed.
template <typename Joins, typename Merge>
BoundGraph merge_pairs(BoundGraph bound, Joins joins, Merge merge) {
  const std::vector<int> readers = count_readers(bound.graph);
  std::vector<NodeId> into(bound.graph.nodes.size());
  for (std::size_t i = 0; i < into.size(); ++i) {
    into[i] = static_cast<NodeId>(i);
    const Node& second = bound.graph.nodes[i];
    if (second.inputs.size() != 1) continue;
    const auto first = static_cast<std::size_t>(second.inputs[0]);
    if (readers[first] != 1 || into[first] != static_cast<NodeId>(first) ||
        !joins(bound.graph.nodes[first], second))
      continue;
    merge(first, i, bound);
    bound.graph.nodes[first].name = bound.graph.nodes[i].name;
    into[i] = static_cast<NodeId>(first);
  }
  return without(std::move(bound), into);
}

const Blob& value(const BoundGraph& bound, std::size_t node, ParamKind kind) {
  const std::vector<Param>& params = bound.graph.nodes[node].params;
  for (std::size_t i = 0; i < params.size(); ++i)
    if (params[i].kind == kind) return bound.values[node][i];
  throw Error::internal("node '" + bound.graph.nodes[node].name + "' lacks a parameter");
}

bool has_bias(const Node& node) {
  return std::any_of(node.params.begin(), node.params.end(),
                     [](const Param& p) { return p.kind == ParamKind::kBias; });
}

void fold(std::size_t conv, std::size_t bn, BoundGraph& bound) {
  const Blob gamma = value(bound, bn, ParamKind::kWeight), beta = value(bound, bn, ParamKind::kBias);
  const Blob mean = value(bound, bn, ParamKind::kMean), var = value(bound, bn, ParamKind::kVar);
  Node& node = bound.graph.nodes[conv];
  const std::int64_t channels = node.shape.c;
  std::vector<double> scale;
  Blob bias({channels});
  const Blob old_bias = has_bias(node) ? value(bound, conv, ParamKind::kBias) : Blob({channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const double s = gamma.data()[c] / std::sqrt(var.data()[c] + bound.graph.nodes[bn].eps);
    scale.push_back(s);
    bias.data()[c] = static_cast<float>(beta.data()[c] + (old_bias.data()[c] - double{mean.data()[c]}) * s);
  }
  const Param weight_param = node.params[0];
  node.params = {weight_param, {ParamKind::kBias, bound.graph.nodes[bn].name + ".bias", {channels}}};
  bound.values[conv] = {value(bound, conv, ParamKind::kWeight), bias};
  bound.scales[conv] = std::move(scale);
}

}  // namespace

BoundGraph fold_batch_norm(BoundGraph bound) {
  const auto joins = [](const Node& first, const Node& second) {
    return second.op == Op::kBatchNorm && (first.op == Op::kConv || first.op == Op::kConvTranspose) &&
           first.activation == Activation::kNone;
  };
  return merge_pairs(std::move(bound), joins, &fold);
}

BoundGraph fuse_activations(BoundGraph bound) {
  const auto joins = [](const Node& first, const Node& second) {
    return second.op == Op::kActivation && first.activation == Activation::kNone &&
           (first.op == Op::kConv || first.op == Op::kConvTranspose || first.op == Op::kAdd);
  };
  const auto merge = [](std::size_t first, std::size_t second, BoundGraph& b) {
    b.graph.nodes[first].activation = b.graph.nodes[second].activation;
  };
  return merge_pairs(std::move(bound), joins, merge);
}

std::vector<std::vector<NodeId>> releases(const Graph& graph) {
  std::vector<NodeId> last(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    last[i] = static_cast<NodeId>(i);
    for (const NodeId id : graph.nodes[i].inputs) last[static_cast<std::size_t>(id)] = static_cast<NodeId>(i);
  }
  std::vector<std::vector<NodeId>> released(graph.nodes.size());
  for (std::size_t i = 0; i < last.size(); ++i) {
    const bool output =
        std::find(graph.outputs.begin(), graph.outputs.end(), static_cast<NodeId>(i)) != graph.outputs.end();
    if (!output) released[static_cast<std::size_t>(last[i])].push_back(static_cast<NodeId>(i));
  }
  return released;
}

}  // namespace pose
