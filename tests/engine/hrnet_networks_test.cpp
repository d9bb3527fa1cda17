// Every network of the HRNet family on seeded weights against the official implementation.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

const json& golden_case(std::string_view name) {
  static const json all = test::golden("hrnet_networks.json");
  for (const json& c : all["cases"])
    if (c["name"] == name) return c;
  throw std::runtime_error("no golden case " + std::string(name));
}

Graph graph_of(const Case& c, const json& expected) {
  const auto shape = expected["input_shape"].get<std::vector<std::int64_t>>();
  return architecture(c.architecture).build({c.variant, c.params, shape[2], shape[3], c.outputs});
}

/// Outputs and then the named stages.
std::vector<Blob> run(const Case& c, const json& expected, const std::vector<std::string>& stages,
                      bool fold) {
  BoundGraph bound = test::seeded_graph(test::with_stages(graph_of(c, expected), stages), expected["gain"]);
  if (fold) bound = fold_batch_norm(std::move(bound));
  const auto range = expected["input_range"];
  const Blob input =
      test::seeded_blob(expected["input_key"].get<std::string>(),
                        expected["input_shape"].get<std::vector<std::int64_t>>(), range[0], range[1]);
  return test::make_network(std::move(bound))->forward(input);
}

/// What a golden case says about outputs and stages: the names of the graph's nodes and their summaries.
struct Expectation {
  std::vector<json> outputs;
  std::vector<std::string> stage_names;
  std::vector<json> stages;

  void stage(std::string name, const json& summary) {
    stage_names.push_back(std::move(name));
    stages.push_back(summary);
  }
};

/// The names of the golden file's stages are those of the graph, but for two that carry a remark.
std::string node_name(const std::string& stage) {
  if (stage == "bn1 (before ReLU)") return "bn1";
  if (stage == "stem (after second ReLU)") return "stem";
  return stage;
}

Expectation expectation_of(const json& golden) {
  Expectation e;
  if (golden.contains("levels"))
    e.outputs = golden["levels"].get<std::vector<json>>();
  else
    e.outputs = {golden["output"]};
  if (golden.contains("stages"))
    for (const auto& [stage, summary] : golden["stages"].items()) e.stage(node_name(stage), summary);
  if (golden.contains("stage4_branches"))
    for (std::size_t i = 0; i < golden["stage4_branches"].size(); ++i)
      e.stage("stage4.2 fused[" + std::to_string(i) + "]", golden["stage4_branches"][i]);
  for (const char* name : {"concat", "mixed"})
    if (golden.contains(name)) e.stage(name, golden[name]);
  return e;
}

test::Tolerance tolerance_of(const std::string& name) {
  test::Tolerance tolerance = test::kHrnetTolerance;
  if (name == "pose_resnet_152_256x192") tolerance.sample = 1e-4;  // values up to 16
  return tolerance;
}

void expect_golden(const Case& c, bool fold) {
  const json& golden = golden_case(c.name);
  const Expectation e = expectation_of(golden);
  const std::vector<Blob> results = run(c, golden, e.stage_names, fold);
  ASSERT_EQ(results.size(), e.outputs.size() + e.stages.size());
  for (std::size_t i = 0; i < e.outputs.size(); ++i)
    test::expect_summary(results[i], e.outputs[i], tolerance_of(c.name), "output " + std::to_string(i));
  for (std::size_t i = 0; i < e.stages.size(); ++i)
    test::expect_summary(results[e.outputs.size() + i], e.stages[i], tolerance_of(c.name), e.stage_names[i]);
}

class HrnetNetworks : public testing::TestWithParam<Case> {};

TEST_P(HrnetNetworks, CountsAreThoseOfTheReference) {
  const json& expected = golden_case(GetParam().name);
  const Graph graph = graph_of(GetParam(), expected);
  const GraphCost total = cost(graph);
  EXPECT_EQ(total.parameters, expected["parameters"].get<std::int64_t>());
  EXPECT_EQ(total.buffers, expected["buffer_elements"].get<std::int64_t>());
  if (expected.contains("conv_macs")) {
    EXPECT_EQ(total.conv_macs, expected["conv_macs"].get<std::int64_t>());
  }
  std::int64_t keys = 0;
  for (const Node& node : graph.nodes)
    keys += static_cast<std::int64_t>(node.params.size()) + (node.op == Op::kBatchNorm ? 1 : 0);
  EXPECT_EQ(keys, expected["state_dict_keys"].get<std::int64_t>());
}

TEST_P(HrnetNetworks, OutputsAndStagesAreTheReferences) { expect_golden(GetParam(), /*fold=*/true); }

INSTANTIATE_TEST_SUITE_P(All, HrnetNetworks, testing::ValuesIn(kCases),
                         [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(SmallHrnets, GiveTheSameWithoutFolding) {
  for (const Case& c : kCases)
    if (std::string(c.name).find("_c8_") != std::string::npos) expect_golden(c, /*fold=*/false);
}

}  // namespace
}  // namespace pose
