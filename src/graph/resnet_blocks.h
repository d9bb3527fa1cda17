#pragma once

#include <string>

#include "graph/builder.h"

namespace pose {

/// How many residual blocks the four stages of a ResNet have, and whether they are bottlenecks.
struct ResNetLayout {
  int blocks[4];
  bool bottleneck;
};

/// Depths 18, 34, 50, 101, 152. Throws `kFormat` for others.
ResNetLayout resnet_layout(std::int64_t depth);

/// conv 1x1 -> 3x3 (carries the stride) -> 1x1 to 4 * planes, each with batch norm; `squeeze` puts a
/// squeeze-and-excitation (reduction 1) before the sum. With `downsample` the shortcut is a 1x1 convolution.
/// Keys: NAME.conv1, .bn1, ..., .downsample.0, .downsample.1, .se.fc.0, .se.fc.2
NodeId bottleneck(GraphBuilder& g, NodeId x, std::int64_t planes, int stride, bool downsample, bool squeeze,
                  const std::string& name);

/// Two 3x3 convolutions with batch norm.
NodeId basic_block(GraphBuilder& g, NodeId x, std::int64_t planes, int stride, bool downsample,
                   const std::string& name);

/// 7x7 stem, 3x3 max pool and four stages (planes 64, 128, 256, 512). `squeeze`: in the first block of each
/// stage. `prefix` is put before all keys ("preact.").
NodeId resnet_trunk(GraphBuilder& g, NodeId x, const ResNetLayout& layout, bool squeeze,
                    const std::string& prefix);

}  // namespace pose
