#include "graph/architectures.h"

#include <algorithm>
#include <array>

#include "base/lookup.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr std::array<Architecture, 4> kArchitectures{{
    {"fastpose", "AlphaPose FastPose: SE-ResNet trunk, pixel shuffle, two DUC blocks", &build_fastpose},
    {"hourglass", "one residual hourglass, strides 4 to 32: the bundled network", &build_hourglass},
    {"hrnet", "HRNetV1 for pose; variants v2 (all resolutions) and v2p (pyramid)", &build_hrnet},
    {"pose-resnet", "SimpleBaseline: ResNet trunk and three transposed convolutions", &build_pose_resnet},
}};

}  // namespace

const Architecture& architecture(std::string_view name) {
  return lookup(kArchitectures, name, "architecture");
}

Graph build_pose_graph(const ModelCard& card) {
  try {
    Graph graph =
        architecture(card.architecture)
            .build({card.variant, card.params, card.input.height, card.input.width, card.output_channels});
    if (graph.outputs.size() != 1)
      throw Error::mismatch("variant '" + card.variant + "' gives " + std::to_string(graph.outputs.size()) +
                            " maps, not one of heatmaps");
    const Chw& made = graph[graph.outputs.front()].shape;
    const Chw stated{card.output_channels, card.heatmap_height, card.heatmap_width};
    if (made.c != stated.c || made.h != stated.h || made.w != stated.w)
      throw Error::mismatch("the network makes " + to_string(made) + " heatmaps, not " + to_string(stated));
    return graph;
  } catch (const Error& e) {
    throw e.with_context("model card '" + card.name + "'");
  }
}

Params::Params(const ArchitectureSpec& spec, const std::vector<std::string_view>& variants)
    : left_(spec.params) {
  if (spec.variant.empty() || std::find(variants.begin(), variants.end(), spec.variant) != variants.end())
    return;
  std::string known;
  for (const std::string_view name : variants) known += (known.empty() ? "" : ", ") + std::string(name);
  throw Error::format("variant '" + spec.variant + "' is not known (" +
                      (known.empty() ? "there are none" : known) + ")");
}

std::int64_t Params::number(const std::string& name, std::int64_t fallback, std::int64_t low,
                            std::int64_t high) {
  const auto found = left_.find(name);
  if (found == left_.end()) return fallback;
  const std::vector<std::int64_t> values = found->second;
  left_.erase(found);
  if (values.size() != 1 || values[0] < low || values[0] > high)
    throw Error::format("params." + name + " must be one number from " + std::to_string(low) + " to " +
                        std::to_string(high));
  return values[0];
}

std::vector<std::int64_t> Params::list(const std::string& name, const std::vector<std::int64_t>& fallback) {
  const auto found = left_.find(name);
  if (found == left_.end()) return fallback;
  const std::vector<std::int64_t> values = found->second;
  left_.erase(found);
  bool good = values.size() == fallback.size();
  for (const std::int64_t v : values) good = good && v >= 1 && v <= 1000;
  if (!good)
    throw Error::format("params." + name + " must be " + std::to_string(fallback.size()) +
                        " numbers from 1 to 1000");
  return values;
}

int Params::final_kernel() {
  const auto kernel = static_cast<int>(number("final_kernel", 1, 1, 3));
  if (kernel == 2) throw Error::format("params.final_kernel must be 1 or 3");
  return kernel;
}

void Params::finish() const {
  if (!left_.empty())
    throw Error::format("params." + left_.begin()->first + " is not a parameter of this architecture");
}

}  // namespace pose
