#include "graph/resnet_blocks.h"

#include "pose/error.h"

namespace pose {
namespace {

NodeId conv_bn(GraphBuilder& g, NodeId x, const ConvSpec& spec, const std::string& conv,
               const std::string& bn) {
  return g.batch_norm(g.conv(x, spec, conv), bn);
}

NodeId shortcut(GraphBuilder& g, NodeId x, std::int64_t out, int stride, bool downsample,
                const std::string& name) {
  if (!downsample) return x;
  return conv_bn(g, x, {out, 1, stride}, name + ".downsample.0", name + ".downsample.1");
}

NodeId squeeze_excite(GraphBuilder& g, NodeId x, const std::string& name) {
  const std::int64_t channels = g.shape(x).c;
  NodeId y = g.global_avg_pool(x);
  y = g.relu(g.linear(y, channels, name + ".se.fc.0"));
  y = g.activation(g.linear(y, channels, name + ".se.fc.2"), Activation::kLogistic);
  return g.scale_channels(x, y);
}

}  // namespace

ResNetLayout resnet_layout(std::int64_t depth) {
  switch (depth) {
    case 18: return {{2, 2, 2, 2}, false};
    case 34: return {{3, 4, 6, 3}, false};
    case 50: return {{3, 4, 6, 3}, true};
    case 101: return {{3, 4, 23, 3}, true};
    case 152: return {{3, 8, 36, 3}, true};
    default: throw Error::format("params.depth must be 18, 34, 50, 101 or 152, not " + std::to_string(depth));
  }
}

NodeId bottleneck(GraphBuilder& g, NodeId x, std::int64_t planes, int stride, bool downsample, bool squeeze,
                  const std::string& name) {
  NodeId y = g.relu(conv_bn(g, x, {planes, 1}, name + ".conv1", name + ".bn1"));
  y = g.relu(conv_bn(g, y, {planes, 3, stride, 1}, name + ".conv2", name + ".bn2"));
  y = conv_bn(g, y, {4 * planes, 1}, name + ".conv3", name + ".bn3");
  if (squeeze) y = g.name(squeeze_excite(g, y, name), name + ".se");
  return g.name(g.relu(g.add({y, shortcut(g, x, 4 * planes, stride, downsample, name)})), name);
}

NodeId basic_block(GraphBuilder& g, NodeId x, std::int64_t planes, int stride, bool downsample,
                   const std::string& name) {
  NodeId y = g.relu(conv_bn(g, x, {planes, 3, stride, 1}, name + ".conv1", name + ".bn1"));
  y = conv_bn(g, y, {planes, 3, 1, 1}, name + ".conv2", name + ".bn2");
  return g.name(g.relu(g.add({y, shortcut(g, x, planes, stride, downsample, name)})), name);
}

NodeId resnet_trunk(GraphBuilder& g, NodeId x, const ResNetLayout& layout, bool squeeze,
                    const std::string& prefix) {
  x = g.relu(conv_bn(g, x, {64, 7, 2, 3}, prefix + "conv1", prefix + "bn1"));
  x = g.name(g.max_pool(x, 3, 2, 1), prefix + "maxpool");
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t planes = std::int64_t{64} << stage;
    const std::int64_t out = layout.bottleneck ? 4 * planes : planes;
    for (int i = 0; i < layout.blocks[stage]; ++i) {
      const std::string name = prefix + "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      const int stride = i == 0 && stage > 0 ? 2 : 1;
      const bool downsample = i == 0 && (stride != 1 || g.shape(x).c != out);
      x = layout.bottleneck ? bottleneck(g, x, planes, stride, downsample, squeeze && i == 0, name)
                            : basic_block(g, x, planes, stride, downsample, name);
    }
    g.name(x, prefix + "layer" + std::to_string(stage + 1));
  }
  return x;
}

}  // namespace pose
