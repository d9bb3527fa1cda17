// Every network of the HRNet family on seeded weights against the official implementation.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/torch/torch_network.h"
#include "graph/architectures.h"
#include "graph/describe.h"
#include "graph/passes.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

struct Case {
  const char* name;
  const char* architecture;
  const char* variant;
  std::map<std::string, std::vector<std::int64_t>> params;
  std::int64_t outputs;
};

const std::vector<Case> kCases{
    {"pose_hrnet_w32_256x192", "hrnet", "", {}, 17},
    {"pose_hrnet_w32_384x288", "hrnet", "", {}, 17},
    {"pose_hrnet_w48_256x192", "hrnet", "", {{"width", {48}}}, 17},
    {"pose_hrnet_w48_384x288", "hrnet", "", {{"width", {48}}}, 17},
    {"pose_hrnet_w32_256x256_mpii", "hrnet", "", {}, 16},
    {"hrnet_small_c8_128x96", "hrnet", "", {{"width", {8}}, {"modules", {1, 1, 1}}, {"blocks", {1}}}, 17},
    {"hrnet_tiny_c8_stem16_64x64",
     "hrnet",
     "",
     {{"width", {8}},
      {"stem", {16}},
      {"layer1_planes", {16}},
      {"layer1_blocks", {1}},
      {"modules", {1, 1, 1}},
      {"blocks", {1}}},
     5},
    {"pose_resnet_50_256x192", "pose-resnet", "", {{"depth", {50}}}, 17},
    {"pose_resnet_101_256x192", "pose-resnet", "", {{"depth", {101}}}, 17},
    {"pose_resnet_152_256x192", "pose-resnet", "", {{"depth", {152}}}, 17},
    {"pose_resnet_18_128x96", "pose-resnet", "", {{"depth", {18}}}, 17},
    {"hrnetv2_w18_seg", "hrnet", "v2", {{"width", {18}}}, 19},
    {"hrnetv2_w18_seg_align_corners", "hrnet", "v2", {{"width", {18}}, {"align_corners", {1}}}, 19},
    {"hrnetv2_w32_seg", "hrnet", "v2", {}, 19},
    {"hrnetv2p_w18", "hrnet", "v2p", {{"width", {18}}}, 0},
    {"hrnetv2p_w32", "hrnet", "v2p", {}, 0},
};

const json& golden_case(const std::string& name) {
  static const json all = test::golden("hrnet_networks.json");
  for (const json& c : all["cases"])
    if (c["name"] == name) return c;
  throw std::runtime_error("no golden case " + name);
}

Graph graph_of(const Case& c, const json& expected) {
  const auto shape = expected["input_shape"].get<std::vector<std::int64_t>>();
  return architecture(c.architecture).build({c.variant, c.params, shape[2], shape[3], c.outputs});
}

std::vector<Blob> run(Graph graph, const json& expected, bool fold) {
  BoundGraph bound = test::seeded_graph(std::move(graph), expected["gain"]);
  if (fold) bound = fold_batch_norm(std::move(bound));
  const auto range = expected["input_range"];
  const Blob input =
      test::seeded_blob(expected["input_key"].get<std::string>(),
                        expected["input_shape"].get<std::vector<std::int64_t>>(), range[0], range[1]);
  return make_torch_network(std::move(bound), {})->forward(input);
}

test::Tolerance tolerance_of(const std::string& name) {
  test::Tolerance tolerance = test::kHrnetTolerance;
  if (name == "pose_resnet_152_256x192") tolerance.sample = 1e-4;  // values up to 16
  return tolerance;
}

class HrnetNetworks : public testing::TestWithParam<Case> {};

TEST_P(HrnetNetworks, CountsAreThoseOfTheReference) {
  const json& expected = golden_case(GetParam().name);
  const GraphCost total = cost(graph_of(GetParam(), expected));
  EXPECT_EQ(total.parameters, expected["parameters"].get<std::int64_t>());
  EXPECT_EQ(total.buffers, expected["buffer_elements"].get<std::int64_t>());
  EXPECT_EQ(total.conv_macs, expected.value("conv_macs", total.conv_macs));  // not all cases state it
}

TEST_P(HrnetNetworks, FoldedNetworkGivesTheReferencesOutput) {
  const Case& c = GetParam();
  const json& expected = golden_case(c.name);
  const std::vector<Blob> outputs = run(graph_of(c, expected), expected, /*fold=*/true);
  if (!expected.contains("levels"))
    return test::expect_summary(outputs.at(0), expected["output"], tolerance_of(c.name), c.name);
  ASSERT_EQ(outputs.size(), expected["levels"].size());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    test::expect_summary(outputs[i], expected["levels"][i], tolerance_of(c.name),
                         "level " + std::to_string(i));
}

INSTANTIATE_TEST_SUITE_P(All, HrnetNetworks, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

/// The names of the golden file's stages are those of the graph, but for two that carry a remark.
std::string node_name(const std::string& stage) {
  if (stage == "bn1 (before ReLU)") return "bn1";
  if (stage == "stem (after second ReLU)") return "stem";
  return stage;
}

TEST(HrnetStages, EveryStageOfTheUnfoldedNetworkIsTheReferences) {
  for (const std::size_t i : {0, 5, 6}) {
    const Case& c = kCases[i];
    const json& expected = golden_case(c.name);
    std::vector<std::string> names;
    for (const auto& [stage, summary] : expected["stages"].items()) names.push_back(node_name(stage));
    const std::vector<Blob> outputs =
        run(test::with_outputs(graph_of(c, expected), names), expected, /*fold=*/false);
    std::size_t k = 0;
    for (const auto& [stage, summary] : expected["stages"].items())
      test::expect_summary(outputs.at(k++), summary, test::kHrnetTolerance,
                           std::string(c.name) + " " + stage);
  }
}

TEST(HrnetStages, RepresentationsOfTheOtherHeads) {
  for (std::size_t i = 11; i < kCases.size(); ++i) {
    const json& expected = golden_case(kCases[i].name);
    const bool v2 = expected.contains("mixed");
    const std::vector<std::string> names =
        v2 ? std::vector<std::string>{"concat", "mixed"} : std::vector<std::string>{"concat"};
    const std::vector<Blob> outputs =
        run(test::with_outputs(graph_of(kCases[i], expected), names), expected, true);
    test::expect_summary(outputs.at(0), expected["concat"], test::kHrnetTolerance, kCases[i].name);
    if (v2) test::expect_summary(outputs.at(1), expected["mixed"], test::kHrnetTolerance, kCases[i].name);
  }
}

}  // namespace
}  // namespace pose
