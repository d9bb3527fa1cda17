#include "graph/architectures.h"
#include "graph/resnet_blocks.h"

namespace pose {
namespace {

constexpr std::int64_t kDeconvChannels = 256;

}  // namespace

// Source: src/graph/README.md, 4.
Graph build_pose_resnet(const ArchitectureSpec& spec) {
  Params params(spec);
  const ResNetLayout layout = resnet_layout(params.number("depth", 50, 18, 152));
  const int kernel = static_cast<int>(params.number("deconv_kernel", 4, 2, 4));
  const int final_kernel = params.final_kernel();
  params.finish();
  const int pad = kernel == 2 ? 0 : 1, output_pad = kernel == 3 ? 1 : 0;
  GraphBuilder g;
  NodeId x = resnet_trunk(g, g.input({3, spec.height, spec.width}), layout, /*squeeze=*/false, "");
  // One flat sequence of transposed convolution, batch norm, ReLU: three numbers a step.
  for (int i = 0; i < 9; i += 3) {
    x = g.conv_transpose(x, kDeconvChannels, kernel, 2, pad, output_pad,
                         "deconv_layers." + std::to_string(i));
    x = g.relu(g.batch_norm(x, "deconv_layers." + std::to_string(i + 1)));
  }
  x = g.conv(x, {spec.outputs, final_kernel, 1, final_kernel / 2, 1, true}, "final_layer");
  return g.finish({x});
}

}  // namespace pose
