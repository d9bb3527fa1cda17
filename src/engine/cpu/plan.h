#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engines.h"
#include "graph/graph.h"

namespace pose::cpu {

/// What one step does.
enum class StepKind {
  kInput,      ///< planes of the caller to maps
  kConv,       ///< sums of products, or one phase of a transposed convolution
  kWinograd,   ///< a 3x3 by F(4x4, 3x3)
  kDepthwise,  ///< a convolution with as many groups as channels
  kSum,        ///< of maps, enlarged where they are smaller; with one term an activation
  kNorm,       ///< a batch norm that could not be folded
  kScale,      ///< times a factor per channel (squeeze and excitation)
  kPool,
  kResize,
  kGlobalMean,
  kPixelShuffle,
  kCopy,    ///< a part of a concatenation that could not be written in place
  kOutput,  ///< maps to planes of the caller
};

/// One loop over all maps of a batch. `inputs`, `residual` and `output` are nodes, whose places say where
/// they lie.
struct Step {
  StepKind kind = StepKind::kInput;
  NodeId node = 0;  ///< whose settings and parameters it takes
  std::vector<NodeId> inputs;
  std::vector<int> shifts;  ///< kSum: each input is enlarged by `1 << shift`
  NodeId residual = -1;     ///< added before the activation; -1: none
  NodeId output = 0;
  int first_channel = 0;  ///< kCopy: of the output
  Activation activation = Activation::kNone;
  int phase_y = 0, phase_x = 0;  ///< of a transposed convolution
  std::int64_t block = 0;        ///< convolutions: cells or tiles that one piece of work has at most
  bool plain_weights = false;    ///< Winograd: as of `ConvTask`
};

/// Memory that the maps of one or more nodes share, one behind the other in the channels.
struct Buffer {
  Chw shape;                                  ///< `c`: floats between pixels
  std::int64_t offset = 0;                    ///< in the arena of one image, in floats
  std::size_t first_step = 0, last_step = 0;  ///< in use from, to, both included

  std::int64_t floats() const { return shape.c * shape.h * shape.w; }
};

/// Where the maps of a node lie. -1: nowhere, the node is part of another step.
struct Place {
  int buffer = -1;
  std::int64_t first_channel = 0;
};

/// What the planner must know of the machine. `rows` as of `Kernels`.
struct Target {
  int lanes = 8, rows = 6;
};

/// A graph as a list of loops over places in one arena. Depends on the network alone, not on batch or
/// threads, and so does the arithmetic of each value.
struct Plan {
  Graph graph;
  std::vector<Step> steps;
  std::vector<Place> places;  ///< of every node
  std::vector<Buffer> buffers;
  std::int64_t arena =
      0;  ///< floats for one image; a batch of n takes n times as many, and n times the offsets
};

/// Plans a graph whose activations have been fused.
Plan make_plan(Graph graph, const Target& target);

/// For each step what it does, on which shapes, and where its maps lie.
std::vector<PlanStep> describe(const Plan& plan);

}  // namespace pose::cpu
