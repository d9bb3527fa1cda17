#include "graph/builder.h"

#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

/// Several times what the deepest network in use has; a card or cfg may ask for millions.
constexpr std::size_t kMostNodes = 20'000;

[[noreturn]] void fail(const std::string& layer, const std::string& what) {
  throw Error::mismatch("layer '" + layer + "': " + what);
}

/// Size of one side after sliding a window, both paddings given.
std::int64_t slide(std::int64_t side, int kernel, int stride, int pad_begin, int pad_end,
                   const std::string& layer) {
  const std::int64_t room = side + pad_begin + pad_end - kernel;
  if (room < 0 || stride < 1)
    fail(layer, "a window of " + std::to_string(kernel) + " does not fit a side of " + std::to_string(side));
  return room / stride + 1;
}

}  // namespace

Node GraphBuilder::make(Op op, std::vector<NodeId> inputs, std::string name) const {
  Node node;
  node.op = op;
  for (const NodeId id : inputs) POSE_CHECK(id >= 0 && id < static_cast<NodeId>(graph_.nodes.size()));
  node.inputs = std::move(inputs);
  node.name = std::move(name);
  if (!node.inputs.empty()) node.shape = graph_[node.inputs[0]].shape;
  return node;
}

NodeId GraphBuilder::push(Node node) {
  if (node.name.empty()) node.name = std::to_string(graph_.nodes.size());
  if (node.shape.c < 1 || node.shape.h < 1 || node.shape.w < 1)
    fail(node.name, "empty output " + to_string(node.shape));
  if (graph_.nodes.size() >= kMostNodes) throw Error::unsupported("the network has too many layers");
  graph_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(graph_.nodes.size()) - 1;
}

NodeId GraphBuilder::input(Chw shape) {
  Node node = make(Op::kInput, {}, "input");
  node.shape = shape;
  return push(std::move(node));
}

NodeId GraphBuilder::conv(NodeId x, const ConvSpec& spec, const std::string& name) {
  Node node = make(Op::kConv, {x}, name);
  const std::int64_t in = node.shape.c;
  if (spec.groups < 1 || in % spec.groups != 0 || spec.out % spec.groups != 0)
    fail(name, std::to_string(in) + " -> " + std::to_string(spec.out) + " channels cannot be split into " +
                   std::to_string(spec.groups) + " groups");
  node.kernel = spec.kernel;
  node.stride = spec.stride;
  node.pad = spec.pad;
  node.groups = spec.groups;
  node.shape = {spec.out, slide(node.shape.h, spec.kernel, spec.stride, spec.pad, spec.pad, name),
                slide(node.shape.w, spec.kernel, spec.stride, spec.pad, spec.pad, name)};
  node.params.push_back(
      {ParamKind::kWeight, name + ".weight", {spec.out, in / spec.groups, spec.kernel, spec.kernel}});
  if (spec.bias) node.params.push_back({ParamKind::kBias, name + ".bias", {spec.out}});
  return push(std::move(node));
}

NodeId GraphBuilder::conv_transpose(NodeId x, std::int64_t out, int kernel, int stride, int pad,
                                    int output_pad, const std::string& name) {
  Node node = make(Op::kConvTranspose, {x}, name);
  node.kernel = kernel;
  node.stride = stride;
  node.pad = pad;
  node.output_pad = output_pad;
  node.params.push_back({ParamKind::kWeight, name + ".weight", {node.shape.c, out, kernel, kernel}});
  const auto grow = [&](std::int64_t side) { return (side - 1) * stride - 2 * pad + kernel + output_pad; };
  node.shape = {out, grow(node.shape.h), grow(node.shape.w)};
  return push(std::move(node));
}

NodeId GraphBuilder::linear(NodeId x, std::int64_t out, const std::string& name) {
  Node node = make(Op::kLinear, {x}, name);
  if (node.shape.h != 1 || node.shape.w != 1)
    fail(name, "a linear layer takes one value per channel, not " + to_string(node.shape));
  node.params.push_back({ParamKind::kWeight, name + ".weight", {out, node.shape.c}});
  node.params.push_back({ParamKind::kBias, name + ".bias", {out}});
  node.shape.c = out;
  return push(std::move(node));
}

NodeId GraphBuilder::batch_norm(NodeId x, const std::string& name, double eps) {
  Node node = make(Op::kBatchNorm, {x}, name);
  node.eps = eps;
  node.params = {{ParamKind::kWeight, name + ".weight", {node.shape.c}},
                 {ParamKind::kBias, name + ".bias", {node.shape.c}},
                 {ParamKind::kMean, name + ".running_mean", {node.shape.c}},
                 {ParamKind::kVar, name + ".running_var", {node.shape.c}}};
  return push(std::move(node));
}

NodeId GraphBuilder::activation(NodeId x, Activation kind) {
  if (kind == Activation::kNone) return x;
  Node node = make(Op::kActivation, {x}, "");
  node.activation = kind;
  return push(std::move(node));
}

NodeId GraphBuilder::add(const std::vector<NodeId>& terms) {
  POSE_CHECK(!terms.empty());
  if (terms.size() == 1) return terms[0];
  Node node = make(Op::kAdd, terms, "");
  for (const NodeId id : terms) {
    const Chw& s = graph_[id].shape;
    if (s.c != node.shape.c || s.h != node.shape.h || s.w != node.shape.w)
      fail(graph_[id].name, "cannot add " + to_string(s) + " to " + to_string(node.shape));
  }
  return push(std::move(node));
}

NodeId GraphBuilder::concat(const std::vector<NodeId>& parts) {
  POSE_CHECK(!parts.empty());
  if (parts.size() == 1) return parts[0];
  Node node = make(Op::kConcat, parts, "");
  node.shape.c = 0;
  for (const NodeId id : parts) {
    const Chw& s = graph_[id].shape;
    if (s.h != node.shape.h || s.w != node.shape.w)
      fail(graph_[id].name, "cannot join " + to_string(s) + " with maps of " + std::to_string(node.shape.h) +
                                "x" + std::to_string(node.shape.w));
    node.shape.c += s.c;
  }
  return push(std::move(node));
}

NodeId GraphBuilder::slice(NodeId x, std::int64_t begin, std::int64_t channels) {
  if (begin == 0 && channels == shape(x).c) return x;
  Node node = make(Op::kSlice, {x}, "");
  if (begin < 0 || channels < 1 || begin + channels > node.shape.c)
    fail(graph_[x].name, "has no channels " + std::to_string(begin) + " to " +
                             std::to_string(begin + channels - 1) + ", only " + to_string(node.shape));
  node.slice_begin = begin;
  node.shape.c = channels;
  return push(std::move(node));
}

NodeId GraphBuilder::max_pool(NodeId x, int kernel, int stride, int pad, int pad_end, bool pad_with_zeros) {
  Node node = make(Op::kMaxPool, {x}, "");
  node.kernel = kernel;
  node.stride = stride;
  node.pad = pad;
  node.pad_end = pad_end;
  node.pad_with_zeros = pad_with_zeros;
  const int end = pad_end < 0 ? pad : pad_end;
  node.shape.h = slide(node.shape.h, kernel, stride, pad, end, "max pool");
  node.shape.w = slide(node.shape.w, kernel, stride, pad, end, "max pool");
  return push(std::move(node));
}

NodeId GraphBuilder::avg_pool(NodeId x, int kernel, int stride) {
  Node node = make(Op::kAvgPool, {x}, "");
  node.kernel = kernel;
  node.stride = stride;
  node.shape.h = slide(node.shape.h, kernel, stride, 0, 0, "average pool");
  node.shape.w = slide(node.shape.w, kernel, stride, 0, 0, "average pool");
  return push(std::move(node));
}

NodeId GraphBuilder::global_avg_pool(NodeId x) {
  Node node = make(Op::kGlobalAvgPool, {x}, "");
  node.shape.h = node.shape.w = 1;
  return push(std::move(node));
}

NodeId GraphBuilder::upsample(NodeId x, std::int64_t height, std::int64_t width,
                              Interpolation interpolation) {
  if (shape(x).h == height && shape(x).w == width) return x;
  Node node = make(Op::kUpsample, {x}, "");
  node.shape.h = height;
  node.shape.w = width;
  node.interpolation = interpolation;
  return push(std::move(node));
}

NodeId GraphBuilder::pixel_shuffle(NodeId x) {
  Node node = make(Op::kPixelShuffle, {x}, "");
  if (node.shape.c % 4 != 0)
    fail(graph_[x].name, "pixel shuffle needs a multiple of 4 channels, not " + to_string(node.shape));
  node.shape = {node.shape.c / 4, node.shape.h * 2, node.shape.w * 2};
  return push(std::move(node));
}

NodeId GraphBuilder::scale_channels(NodeId x, NodeId factors) {
  const Chw& f = graph_[factors].shape;
  Node node = make(Op::kScaleChannels, {x, factors}, "");
  if (f.c != node.shape.c || f.h != 1 || f.w != 1)
    fail(graph_[factors].name, to_string(f) + " cannot scale " + to_string(node.shape));
  return push(std::move(node));
}

NodeId GraphBuilder::name(NodeId id, const std::string& name) {
  graph_.nodes.at(static_cast<std::size_t>(id)).name = name;
  return id;
}

Graph GraphBuilder::finish(std::vector<NodeId> outputs) {
  graph_.outputs = std::move(outputs);
  return std::move(graph_);
}

}  // namespace pose
