#include <string>
#include <vector>

#include "graph/architectures.h"
#include "graph/resnet_blocks.h"
#include "pose/error.h"

namespace pose {
namespace {

/// Sizes of an HRNet; the defaults are those of the published pose networks.
struct Layout {
  std::int64_t width = 32;  ///< channels of the first branch; branch b has width << b
  std::int64_t stem = 64;
  std::int64_t layer1_planes = 64, layer1_blocks = 4;
  std::vector<std::int64_t> modules{1, 4, 3};  ///< of stages 2, 3, 4
  std::int64_t blocks = 4;                     ///< basic blocks per branch
  Interpolation fuse = Interpolation::kNearest;
  bool all_outputs = false;  ///< the last module keeps all resolutions
  std::string prefix;        ///< before all keys
};

std::string number(std::int64_t n) { return std::to_string(n); }

std::string joined(const std::string& a, std::int64_t n) { return a + "." + number(n); }

/// conv, batch norm (keys NAME.0, NAME.1) and, if asked for, ReLU.
NodeId conv_bn(GraphBuilder& g, NodeId x, const ConvSpec& spec, bool relu, const std::string& name) {
  x = g.batch_norm(g.conv(x, spec, name + ".0"), name + ".1");
  return relu ? g.relu(x) : x;
}

NodeId stem(GraphBuilder& g, NodeId x, const Layout& layout) {
  const std::string& p = layout.prefix;
  x = g.name(g.batch_norm(g.conv(x, {layout.stem, 3, 2, 1}, p + "conv1"), p + "bn1"), p + "bn1");
  x = g.relu(x);
  x = g.relu(g.batch_norm(g.conv(x, {layout.stem, 3, 2, 1}, p + "conv2"), p + "bn2"));
  g.name(x, p + "stem");
  for (std::int64_t i = 0; i < layout.layer1_blocks; ++i) {
    const bool downsample = g.shape(x).c != 4 * layout.layer1_planes;
    x = bottleneck(g, x, layout.layer1_planes, 1, downsample, false, joined(p + "layer1", i));
  }
  return x;
}

/// From the branches of one stage to those of the next: existing branches pass unless their channels change
/// (only after layer1), the new one comes from the lowest resolution.
std::vector<NodeId> transition(GraphBuilder& g, const std::vector<NodeId>& x, int stage,
                               const Layout& layout) {
  const std::string name = layout.prefix + "transition" + number(stage - 1);
  std::vector<NodeId> branches;
  for (int b = 0; b < stage; ++b) {
    const std::int64_t channels = layout.width << b;
    const std::string key = joined(name, b);
    if (b < static_cast<int>(x.size()) && g.shape(x[static_cast<std::size_t>(b)]).c == channels)
      branches.push_back(x[static_cast<std::size_t>(b)]);
    else if (b < static_cast<int>(x.size()))
      branches.push_back(g.name(conv_bn(g, x.back(), {channels, 3, 1, 1}, true, key), key));
    else
      branches.push_back(g.name(conv_bn(g, x.back(), {channels, 3, 2, 1}, true, key + ".0"), key));
  }
  return branches;
}

/// The contribution of branch `j` to output `i` of a module.
NodeId fuse_term(GraphBuilder& g, const std::vector<NodeId>& x, int i, int j, const Layout& layout,
                 const std::string& module) {
  NodeId t = x[static_cast<std::size_t>(j)];
  if (j == i) return t;
  const std::string name = joined(joined(module + ".fuse_layers", i), j);
  const Chw target = g.shape(x[static_cast<std::size_t>(i)]);
  if (j > i) return g.upsample(conv_bn(g, t, {target.c, 1}, false, name), target.h, target.w, layout.fuse);
  for (int k = 0; k < i - j; ++k) {
    const bool last = k == i - j - 1;
    t = conv_bn(g, t, {last ? target.c : g.shape(t).c, 3, 2, 1}, !last, joined(name, k));
  }
  return t;
}

std::vector<NodeId> hr_module(GraphBuilder& g, std::vector<NodeId> x, bool multi_scale, const Layout& layout,
                              const std::string& name) {
  const int branches = static_cast<int>(x.size());
  for (int b = 0; b < branches; ++b) {
    NodeId& branch = x[static_cast<std::size_t>(b)];
    const std::string key = joined(name + ".branches", b);
    for (std::int64_t k = 0; k < layout.blocks; ++k)
      branch = basic_block(g, branch, g.shape(branch).c, 1, false, joined(key, k));
    g.name(branch, key);
  }
  std::vector<NodeId> fused;
  for (int i = 0; i < (multi_scale ? branches : 1); ++i) {
    std::vector<NodeId> terms;
    for (int j = 0; j < branches; ++j) terms.push_back(fuse_term(g, x, i, j, layout, name));
    fused.push_back(g.name(g.relu(g.add(terms)), name + " fused[" + number(i) + "]"));
  }
  return fused;
}

/// Stem and stages 2 to 4; the outputs of the last module.
std::vector<NodeId> body(GraphBuilder& g, NodeId input, const Layout& layout) {
  std::vector<NodeId> x{stem(g, input, layout)};
  for (int stage = 2; stage <= 4; ++stage) {
    x = transition(g, x, stage, layout);
    const std::int64_t modules = layout.modules[static_cast<std::size_t>(stage - 2)];
    for (std::int64_t m = 0; m < modules; ++m) {
      const bool last = stage == 4 && m == modules - 1;
      x = hr_module(g, x, !last || layout.all_outputs, layout,
                    joined(layout.prefix + "stage" + number(stage), m));
    }
  }
  return x;
}

/// All resolutions brought to the first one's and joined: the HRNetV2 representation.
NodeId representation(GraphBuilder& g, std::vector<NodeId> x, Interpolation interpolation) {
  const Chw target = g.shape(x[0]);
  for (std::size_t i = 1; i < x.size(); ++i) x[i] = g.upsample(x[i], target.h, target.w, interpolation);
  return g.name(g.concat(x), "concat");
}

Graph finish_v1(GraphBuilder& g, NodeId input, const Layout& layout, std::int64_t outputs, int kernel) {
  const NodeId x = body(g, input, layout)[0];
  return g.finish({g.conv(x, {outputs, kernel, 1, kernel / 2, 1, true}, layout.prefix + "final_layer")});
}

Graph finish_v2(GraphBuilder& g, NodeId input, const Layout& layout, std::int64_t outputs, int kernel) {
  NodeId x = representation(g, body(g, input, layout), layout.fuse);
  x = g.conv(x, {g.shape(x).c, 1, 1, 0, 1, true}, "last_layer.0");
  x = g.name(g.relu(g.batch_norm(x, "last_layer.1")), "mixed");
  return g.finish({g.conv(x, {outputs, kernel, 1, kernel / 2, 1, true}, "last_layer.3")});
}

Graph finish_v2p(GraphBuilder& g, NodeId input, const Layout& layout) {
  constexpr int kLevels = 5;
  constexpr std::int64_t kChannels = 256;
  NodeId x = representation(g, body(g, input, layout), Interpolation::kBilinear);
  x = g.conv(x, {kChannels, 1, 1, 0, 1, true}, "neck.reduction_conv.0");
  std::vector<NodeId> levels;
  for (int i = 0; i < kLevels; ++i) {
    const NodeId pooled = i == 0 ? x : g.avg_pool(x, 1 << i, 1 << i);
    levels.push_back(g.conv(pooled, {kChannels, 3, 1, 1, 1, true}, "neck.fpn_conv." + number(i)));
  }
  return g.finish(std::move(levels));
}

}  // namespace

// Source: src/graph/README.md, 5-7.
Graph build_hrnet(const ArchitectureSpec& spec) {
  Params params(spec, {"v1", "v2", "v2p"});
  Layout layout;
  layout.width = params.number("width", layout.width, 1, 1024);
  layout.stem = params.number("stem", layout.stem, 1, 1024);
  layout.layer1_planes = params.number("layer1_planes", layout.layer1_planes, 1, 1024);
  layout.layer1_blocks = params.number("layer1_blocks", layout.layer1_blocks, 1, 100);
  layout.modules = params.list("modules", layout.modules);
  layout.blocks = params.number("blocks", layout.blocks, 1, 100);
  const int kernel = params.final_kernel();
  const bool align = spec.variant == "v2" && params.number("align_corners", 0, 0, 1) == 1;
  params.finish();
  // Other sizes would not match in the fusion, except where it interpolates to the exact size.
  if (spec.variant != "v2" && (spec.height % 32 != 0 || spec.width % 32 != 0))
    throw Error::mismatch("HRNet takes inputs whose sides are multiples of 32, not " + number(spec.height) +
                          "x" + number(spec.width));
  GraphBuilder g;
  const NodeId input = g.input({3, spec.height, spec.width});
  if (spec.variant.empty() || spec.variant == "v1") return finish_v1(g, input, layout, spec.outputs, kernel);
  layout.all_outputs = true;
  if (spec.variant == "v2") {
    layout.fuse = align ? Interpolation::kBilinearAlignCorners : Interpolation::kBilinear;
    return finish_v2(g, input, layout, spec.outputs, kernel);
  }
  layout.prefix = "backbone.";
  return finish_v2p(g, input, layout);
}

}  // namespace pose
