#include "graph/architectures.h"
#include "graph/resnet_blocks.h"
#include "pose/error.h"

namespace pose {
namespace {

/// Dense upsampling convolution: conv 3x3, batch norm, ReLU, pixel shuffle.
NodeId duc(GraphBuilder& g, NodeId x, std::int64_t planes, const std::string& name) {
  x = g.batch_norm(g.conv(x, {planes, 3, 1, 1}, name + ".conv"), name + ".bn");
  return g.name(g.pixel_shuffle(g.relu(x)), name);
}

}  // namespace

// Source: src/graph/README.md, 3.
Graph build_fastpose(const ArchitectureSpec& spec) {
  Params params(spec);
  const std::int64_t depth = params.number("depth", 101, 50, 101);
  params.finish();
  const ResNetLayout layout = resnet_layout(depth);
  if (!layout.bottleneck) throw Error::format("params.depth of fastpose must be 50 or 101");
  GraphBuilder g;
  NodeId x = g.input({3, spec.height, spec.width});
  x = resnet_trunk(g, x, layout, /*squeeze=*/true, "preact.");
  x = g.name(g.pixel_shuffle(x), "suffle1");
  x = duc(g, x, 1024, "duc1");
  x = duc(g, x, 512, "duc2");
  x = g.conv(x, {spec.outputs, 3, 1, 1, 1, true}, "conv_out");
  return g.finish({x});
}

}  // namespace pose
