#include "engine/cpu/plan.h"

#include <algorithm>
#include <numeric>

#include "engine/cpu/kernels.h"
#include "engine/cpu/pack.h"
#include "engine/cpu/whole.h"
#include "graph/describe.h"
#include "pose/error.h"

namespace pose::cpu {
namespace {

constexpr std::int64_t kConvBlockFloats = 64 * 1024;  // of input that one block of cells reads
constexpr std::int64_t kMostBlock = 384;              // cells or tiles

/// How a Winograd layer is cut. At the points its weights are 36 numbers for every pair of channels.
struct WinogradCut {
  std::int64_t fewest_weights;  ///< input times output channels from which it holds
  std::int64_t floats;          ///< room for transformed tiles
  std::int64_t most_tiles;
  /// Weights stay as they are, a quarter of the memory, and are brought to the points for each block of
  /// tiles.
  bool plain_weights;
};
constexpr WinogradCut kWinogradCuts[]{
    {12 * 1000, 4 * 1024 * 1024, 32, true},  // 128 channels and more, whose weights come from memory
    {0, 28 * 1024, kMostBlock, false},       // tiles, products and weights share the second-level cache
};

const WinogradCut& winograd_cut(std::int64_t weights) {
  const WinogradCut* cut = kWinogradCuts;
  while (weights < cut->fewest_weights) ++cut;
  return *cut;
}

class Planner {
 public:
  Planner(Graph graph, const Target& target) : target_(target) {
    plan_.graph = std::move(graph);
    const std::size_t count = plan_.graph.nodes.size();
    plan_.places.resize(count);
    absorbed_.assign(count, false);
    readers_.assign(count, 0);
    for (const Node& node : plan_.graph.nodes)
      for (const NodeId id : node.inputs) ++readers_[at(id)];
    for (const NodeId id : plan_.graph.outputs) ++readers_[at(id)];
  }

  Plan run() && {
    for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i)
      if (plan_.graph.nodes[i].op == Op::kAdd) absorb_terms(static_cast<NodeId>(i));
    for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i)
      if (plan_.graph.nodes[i].op == Op::kConcat) place_parts(static_cast<NodeId>(i));
    for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i) {
      if (!absorbed_[i]) emit(static_cast<NodeId>(i));
      for (const NodeId id : plan_.graph.outputs)
        if (id == static_cast<NodeId>(i)) emit_output(id);
    }
    find_lifetimes();
    lay_out();
    return std::move(plan_);
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  const Node& node(NodeId id) const { return plan_.graph[id]; }

  bool may_take_residual(NodeId id) const {
    const Node& n = node(id);
    return (n.op == Op::kConv || n.op == Op::kScaleChannels) && n.activation == Activation::kNone &&
           readers_[at(id)] == 1;
  }

  /// log2 of a nearest enlargement that a sum can do itself; -1: it cannot.
  int shift_of(NodeId id) const {
    const Node& n = node(id);
    if (n.op != Op::kUpsample || n.interpolation != Interpolation::kNearest || readers_[at(id)] != 1)
      return -1;
    const Chw& in = node(n.inputs[0]).shape;
    for (int shift = 1; shift < 16; ++shift)
      if (in.h << shift == n.shape.h && in.w << shift == n.shape.w) return shift;
    return -1;
  }

  /// A sum of two becomes the end of the convolution or scaling that alone gives one of them; in other sums
  /// small maps are enlarged on the way.
  void absorb_terms(NodeId id) {
    const std::vector<NodeId>& terms = node(id).inputs;
    if (terms.size() == 2 && terms[0] != terms[1])
      for (const NodeId term : {std::max(terms[0], terms[1]), std::min(terms[0], terms[1])})
        if (may_take_residual(term)) {
          absorbed_[at(term)] = true;
          return;
        }
    for (const NodeId term : terms)
      if (shift_of(term) > 0) absorbed_[at(term)] = true;
  }

  int new_buffer(const Chw& shape) {
    Buffer buffer;
    buffer.shape = {whole(shape.c, target_.lanes), shape.h, shape.w};
    plan_.buffers.push_back(buffer);
    return static_cast<int>(plan_.buffers.size()) - 1;
  }

  /// Parts whose steps may write straight into the concatenation do.
  void place_parts(NodeId id) {
    const std::vector<NodeId>& parts = node(id).inputs;
    const int buffer = new_buffer(node(id).shape);
    plan_.places[at(id)] = {buffer, 0};
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < parts.size(); channel += node(parts[i++]).shape.c) {
      const Node& part = node(parts[i]);
      const bool whole_vectors =
          channel % target_.lanes == 0 && (part.shape.c % target_.lanes == 0 || i + 1 == parts.size());
      const bool own = part.op != Op::kInput && part.op != Op::kSlice && part.op != Op::kConcat &&
                       plan_.places[at(parts[i])].buffer < 0 && !absorbed_[at(parts[i])];
      if (whole_vectors && own) plan_.places[at(parts[i])] = {buffer, channel};
    }
  }

  void place(NodeId id) {
    Place& place = plan_.places[at(id)];
    if (place.buffer < 0) place.buffer = new_buffer(node(id).shape);
  }

  Step step_of(StepKind kind, NodeId id) {
    Step step;
    step.kind = kind;
    step.node = step.output = id;
    step.inputs = node(id).inputs;
    step.activation = node(id).activation;
    return step;
  }

  void push(Step step) {
    place(step.output);
    plan_.steps.push_back(std::move(step));
  }

  void emit(NodeId id) {
    switch (node(id).op) {
      case Op::kInput: return emit_input(id);
      case Op::kConv:
      case Op::kLinear: return push(conv_step(id));
      case Op::kConvTranspose: return emit_phases(id);
      case Op::kBatchNorm: return push(step_of(StepKind::kNorm, id));
      case Op::kActivation: return push(sum_step(id));
      case Op::kAdd: return emit_sum(id);
      case Op::kConcat: return emit_parts(id);
      case Op::kSlice: return view_slice(id);
      case Op::kMaxPool:
      case Op::kAvgPool: return push(step_of(StepKind::kPool, id));
      case Op::kGlobalAvgPool: return push(step_of(StepKind::kGlobalMean, id));
      case Op::kUpsample: return push(step_of(StepKind::kResize, id));
      case Op::kPixelShuffle: return push(step_of(StepKind::kPixelShuffle, id));
      case Op::kScaleChannels: return push(step_of(StepKind::kScale, id));
    }
  }

  /// The input has no room behind its channels: a first convolution then reads rows of its window in one
  /// piece.
  void emit_input(NodeId id) {
    Buffer buffer;
    buffer.shape = node(id).shape;
    plan_.buffers.push_back(buffer);
    plan_.places[at(id)].buffer = static_cast<int>(plan_.buffers.size()) - 1;
    push(step_of(StepKind::kInput, id));
  }

  bool by_winograd(const Node& n) const {
    constexpr std::int64_t kFewest = 16;  // channels: below, the transforms cost more than they save
    const std::int64_t channels = node(n.inputs[0]).shape.c;
    return n.op == Op::kConv && n.kernel == 3 && n.stride == 1 && n.pad == 1 && n.groups == 1 &&
           n.shape.c >= kFewest && channels >= kFewest;
  }

  Step conv_step(NodeId id) {
    const Node& n = node(id);
    const std::int64_t channels = node(n.inputs[0]).shape.c;
    Step step = step_of(StepKind::kConv, id);
    if (n.groups > 1 && n.groups == channels && n.shape.c == channels) step.kind = StepKind::kDepthwise;
    if (by_winograd(n)) step.kind = StepKind::kWinograd;
    std::int64_t room = kConvBlockFloats / (channels * n.stride * n.stride);
    if (step.kind == StepKind::kWinograd) {
      const WinogradCut& cut = winograd_cut(channels * n.shape.c);
      step.plain_weights = cut.plain_weights;
      room = std::min(cut.floats / (kTilePoints * channels), cut.most_tiles);
    }
    step.block = std::clamp<std::int64_t>(room / target_.rows, 1, kMostBlock / target_.rows) * target_.rows;
    return step;
  }

  void emit_phases(NodeId id) {
    const Node& n = node(id);
    for (int y = 0; y < n.stride; ++y)
      for (int x = 0; x < n.stride; ++x) {
        Step step = conv_step(id);
        step.phase_y = y;
        step.phase_x = x;
        push(std::move(step));
      }
  }

  Step sum_step(NodeId id) {
    Step step = step_of(StepKind::kSum, id);
    step.shifts.assign(step.inputs.size(), 0);
    return step;
  }

  void emit_sum(NodeId id) {
    const std::vector<NodeId>& terms = node(id).inputs;
    for (std::size_t k = 0; k < terms.size() && terms.size() == 2; ++k)
      if (absorbed_[at(terms[k])] && node(terms[k]).op != Op::kUpsample)
        return push(with_residual(id, terms[k], terms[1 - k]));
    Step step = sum_step(id);
    for (std::size_t k = 0; k < terms.size(); ++k)
      if (absorbed_[at(terms[k])]) {
        step.shifts[k] = shift_of(terms[k]);
        step.inputs[k] = node(terms[k]).inputs[0];
      }
    if (terms.size() > kMostTerms)
      throw Error::unsupported("layer '" + node(id).name + "': a sum of " + std::to_string(terms.size()) +
                               " maps");
    push(std::move(step));
  }

  Step with_residual(NodeId sum, NodeId term, NodeId residual) {
    Step step = node(term).op == Op::kConv ? conv_step(term) : step_of(StepKind::kScale, term);
    step.residual = residual;
    step.output = sum;
    step.activation = node(sum).activation;
    return step;
  }

  void emit_parts(NodeId id) {
    std::int64_t channel = 0;
    for (const NodeId part : node(id).inputs) {
      const Place &there = plan_.places[at(part)], &here = plan_.places[at(id)];
      if (there.buffer != here.buffer || there.first_channel != channel) {
        Step step = step_of(StepKind::kCopy, id);
        step.inputs = {part};
        step.first_channel = static_cast<int>(channel);
        push(std::move(step));
      }
      channel += node(part).shape.c;
    }
  }

  void view_slice(NodeId id) {
    const Place& whole_maps = plan_.places[at(node(id).inputs[0])];
    plan_.places[at(id)] = {whole_maps.buffer, whole_maps.first_channel + node(id).slice_begin};
  }

  void emit_output(NodeId id) {
    Step step;
    step.kind = StepKind::kOutput;
    step.node = step.output = id;
    step.inputs = {id};
    plan_.steps.push_back(std::move(step));
  }

  void find_lifetimes() {
    std::vector<bool> used(plan_.buffers.size(), false);
    const auto use = [&](NodeId id, std::size_t step) {
      const auto b = static_cast<std::size_t>(plan_.places[at(id)].buffer);
      if (!used[b]) plan_.buffers[b].first_step = step;
      used[b] = true;
      plan_.buffers[b].last_step = step;
    };
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      for (const NodeId id : step.inputs) use(id, i);
      if (step.residual >= 0) use(step.residual, i);
      use(step.output, i);
    }
  }

  /// The largest first, each at the lowest place where nothing else lies while it is in use.
  void lay_out() {
    std::vector<std::size_t> order(plan_.buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return plan_.buffers[a].floats() > plan_.buffers[b].floats();
    });
    std::vector<std::size_t> placed;
    for (const std::size_t i : order) {
      Buffer& buffer = plan_.buffers[i];
      std::vector<const Buffer*> others;
      for (const std::size_t k : placed) {
        const Buffer& other = plan_.buffers[k];
        if (other.first_step <= buffer.last_step && buffer.first_step <= other.last_step)
          others.push_back(&other);
      }
      std::sort(others.begin(), others.end(),
                [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; });
      for (const Buffer* other : others)
        if (buffer.offset + room_of(buffer) > other->offset)
          buffer.offset = std::max(buffer.offset, other->offset + room_of(*other));
      placed.push_back(i);
      plan_.arena = std::max(plan_.arena, buffer.offset + room_of(buffer));
    }
  }

  static std::int64_t room_of(const Buffer& buffer) { return whole(buffer.floats(), 16); }

  const Target target_;
  Plan plan_;
  std::vector<bool> absorbed_;  ///< nodes that are part of another's step
  std::vector<int> readers_;
};

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::kInput: return "input";
    case StepKind::kConv: return "direct";
    case StepKind::kWinograd: return "winograd-4x4";
    case StepKind::kDepthwise: return "depthwise";
    case StepKind::kSum: return "sum";
    case StepKind::kNorm: return "norm";
    case StepKind::kScale: return "scale";
    case StepKind::kPool: return "pool";
    case StepKind::kResize: return "resize";
    case StepKind::kGlobalMean: return "mean";
    case StepKind::kPixelShuffle: return "shuffle";
    case StepKind::kCopy: return "copy";
    case StepKind::kOutput: return "output";
  }
  return "";
}

std::int64_t macs_of(const Plan& plan, const Step& step) {
  if (step.kind != StepKind::kConv && step.kind != StepKind::kWinograd && step.kind != StepKind::kDepthwise)
    return 0;
  const Node& node = plan.graph[step.node];
  const std::int64_t all = multiply_adds(plan.graph, node);
  if (node.op != Op::kConvTranspose) return all;
  const int taps = transposed_taps(node, step.phase_y).count * transposed_taps(node, step.phase_x).count;
  return all * taps / (std::int64_t{node.kernel} * node.kernel);
}

}  // namespace

Plan make_plan(Graph graph, const Target& target) { return Planner(std::move(graph), target).run(); }

std::vector<PlanStep> describe(const Plan& plan) {
  std::vector<PlanStep> steps;
  for (const Step& step : plan.steps) {
    const Node& out = plan.graph[step.output];
    PlanStep row{std::string(name_of(step.kind)), out.name, "", 0, macs_of(plan, step)};
    for (const NodeId id : step.inputs) row.shapes += to_string(plan.graph[id].shape) + " ";
    row.shapes += "-> " + to_string(out.shape);
    if (step.residual >= 0) row.shapes += " + " + plan.graph[step.residual].name;
    const int buffer = plan.places[static_cast<std::size_t>(step.output)].buffer;
    row.place = plan.buffers[static_cast<std::size_t>(buffer)].offset;
    steps.push_back(std::move(row));
  }
  return steps;
}

}  // namespace pose::cpu
