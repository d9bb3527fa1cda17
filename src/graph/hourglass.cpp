#include "graph/architectures.h"
#include "graph/builder.h"

namespace pose {
namespace {

constexpr std::size_t kLevels = 4;  // strides 4, 8, 16, 32

NodeId conv_bn(GraphBuilder& g, NodeId x, const ConvSpec& spec, const std::string& name) {
  return g.batch_norm(g.conv(x, spec, name + ".0"), name + ".1");
}

NodeId block(GraphBuilder& g, NodeId x, const std::string& name) {
  const ConvSpec same{g.shape(x).c, 3, 1, 1};
  const NodeId y = g.relu(conv_bn(g, x, same, name + ".conv1"));
  return g.name(g.relu(g.add({conv_bn(g, y, same, name + ".conv2"), x})), name);
}

}  // namespace

// Source: Newell et al., "Stacked Hourglass Networks for Human Pose Estimation" (2016), one of them, with
// basic blocks; scripts/train/hourglass.py is the same network in PyTorch.
Graph build_hourglass(const ArchitectureSpec& spec) {
  Params params(spec);
  const std::int64_t stem = params.number("stem", 24, 1, 1000);
  const std::vector<std::int64_t> channels = params.list("channels", {32, 64, 128, 192});
  const std::vector<std::int64_t> blocks = params.list("blocks", {1, 1, 2, 2});
  params.finish();
  GraphBuilder g;
  NodeId x = g.relu(conv_bn(g, g.input({3, spec.height, spec.width}), {stem, 3, 2, 1}, "stem"));
  std::vector<NodeId> skips;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::string number = std::to_string(level);
    x = g.relu(conv_bn(g, x, {channels[level], 3, 2, 1}, "down." + number));
    for (std::int64_t b = 0; b < blocks[level]; ++b)
      x = block(g, x, "encode." + number + "." + std::to_string(b));
    skips.push_back(x);
  }
  for (std::size_t level = kLevels - 1; level-- > 0;) {
    const std::string number = std::to_string(level);
    const Chw target = g.shape(skips[level]);
    x = conv_bn(g, x, {channels[level], 1}, "up." + number);
    x = g.upsample(x, target.h, target.w, Interpolation::kNearest);
    x = block(g, g.relu(g.add({x, skips[level]})), "decode." + number);
  }
  return g.finish({g.conv(x, {spec.outputs, 1, 1, 0, 1, true}, "head")});
}

}  // namespace pose
