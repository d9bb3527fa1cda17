#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "pose/yolo_head.h"
#include "weights/darknet_cfg.h"
#include "weights/darknet_weights.h"

namespace pose {

/// Whose reading of a cfg the graph follows where the two differ.
enum class DarknetStyle {
  kAlphaPose,  ///< stride-1 pools pad all sides with zeros that take part, other pools do not pad;
               ///< convolutions pad (size-1)/2; batch norms add 1e-5 to the variance
  kDarknet,    ///< pools pad `padding` in total, the smaller half left, never chosen;
               ///< convolutions pad size/2; batch norms add 1e-6
};

/// The style that belongs to a row of the table of detector rules. Throws `kUsage` with the nearest name.
DarknetStyle darknet_style(std::string_view rules);

/// A Darknet network as a graph, with everything needed to fill and to use it.
struct DarknetGraph {
  Graph graph;                  ///< node 0: the input; outputs: the raw map of every yolo section, in order
  std::vector<YoloHead> heads;  ///< one per output
  std::vector<DarknetTensor> file_order;  ///< of the `.weights` file
  std::vector<NodeId> section_outputs;    ///< node that holds each section's result; -1 for yolo sections
};

/// Builds the graph of `cfg` for its own input size, or for `side` x `side` if `side` is not 0.
/// Keys of section n: `n.conv.weight`, `n.conv.bias`, `n.bn.weight`, `n.bn.bias`, `n.bn.running_mean`,
/// `n.bn.running_var`. Throws `kFormat` with the line for sections that do not fit together, `kUnsupported`
/// for a cfg without a yolo section and for networks beyond any sensible size, `kUsage` for a side that is
/// not a multiple of 32.
DarknetGraph build_darknet(const DarknetCfg& cfg, int side, DarknetStyle style);

}  // namespace pose
