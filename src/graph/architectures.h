#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "pose/model_card.h"

namespace pose {

/// What a model card says about a network: the arguments of its architecture and the size of its input.
struct ArchitectureSpec {
  std::string variant;                                      ///< "" or "v1" for the usual one
  std::map<std::string, std::vector<std::int64_t>> params;  ///< unknown names are `kFormat`
  std::int64_t height = 0, width = 0;                       ///< of the input, pixels
  std::int64_t outputs = 0;                                 ///< channels of the last layer (joints, classes)
};

/// One row of the table of architectures: builds the graph of a network in the order of its forward pass,
/// with the checkpoint keys of the reference implementation.
struct Architecture {
  std::string_view name;
  std::string_view help;
  Graph (*build)(const ArchitectureSpec& spec);
};

/// Throws `kUsage` with the nearest name.
const Architecture& architecture(std::string_view name);

/// Cards of this architecture hold a whole program and have no graph.
constexpr std::string_view kTorchScript = "torchscript";

/// The architecture of all detector cards: their graph comes from a cfg.
constexpr std::string_view kDarknetArchitecture = "darknet";

/// The graph of a pose card. Throws `kUsage`, `kFormat`, `kMismatch` (the network makes other heatmaps than
/// the card says), each with the name of the card.
Graph build_pose_graph(const ModelCard& card);

/// The numbers of a card's `params`, each with its default; every name must be asked for, what is left over
/// is an error (`finish`).
class Params {
 public:
  /// Throws `kFormat` if the card asks for a variant that is not among `variants`.
  explicit Params(const ArchitectureSpec& spec, const std::vector<std::string_view>& variants = {});
  /// A single number between `low` and `high`.
  std::int64_t number(const std::string& name, std::int64_t fallback, std::int64_t low, std::int64_t high);
  /// As many numbers as `fallback` has, each between 1 and 1000.
  std::vector<std::int64_t> list(const std::string& name, const std::vector<std::int64_t>& fallback);
  /// "final_kernel": 1 unless given, otherwise 1 or 3.
  int final_kernel();
  /// Throws `kFormat` if the card has parameters that nobody asked for.
  void finish() const;

 private:
  std::map<std::string, std::vector<std::int64_t>> left_;
};

// One file each.
Graph build_fastpose(const ArchitectureSpec& spec);   ///< params: depth (50, 101)
Graph build_hourglass(const ArchitectureSpec& spec);  ///< params: stem, channels[4], blocks[4]
Graph build_hrnet(
    const ArchitectureSpec& spec);  ///< params: width, stem, layer1_planes, layer1_blocks, modules[3],
                                    ///< blocks, final_kernel, align_corners; variants v2, v2p
Graph build_pose_resnet(
    const ArchitectureSpec& spec);  ///< params: depth (18, 34, 50, 101, 152), deconv_kernel, final_kernel

}  // namespace pose
