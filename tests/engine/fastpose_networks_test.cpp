// FastPose on seeded weights against the reference implementation.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/architectures.h"
#include "graph/describe.h"
#include "graph/passes.h"
#include "pose/decode.h"
#include "pose/skeleton.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

const json& golden_case(std::string_view name) {
  static const json all = test::golden("alphapose_networks.json");
  for (const json& c : all["networks"])
    if (c["name"] == name) return c;
  throw std::runtime_error("no golden case " + std::string(name));
}

Graph fastpose(std::int64_t depth) { return build_fastpose({"", {{"depth", {depth}}}, 320, 256, 33}); }

Blob input_of(const json& expected) {
  return test::seeded_blob(expected["input_key"].get<std::string>(), {1, 3, 320, 256},
                           expected["input_range"][0], expected["input_range"][1]);
}

Blob mirrored(const Blob& batch) {
  Blob result(batch.shape());
  const std::int64_t width = batch.shape().back();
  for (std::int64_t i = 0; i < batch.elements(); i += width)
    std::reverse_copy(batch.data() + i, batch.data() + i + width, result.data() + i);
  return result;
}

/// The first 17 maps of a [1, 33, h, w] output.
Blob first_17(const Blob& maps) {
  return Blob({1, 17, maps.dim(2), maps.dim(3)}, const_cast<float*>(maps.data()),
              std::make_shared<Blob>(maps));
}

class FastPose : public testing::TestWithParam<int> {
 protected:
  const json& expected() const { return golden_case("fastpose_se_resnet" + std::to_string(GetParam())); }
};

TEST_P(FastPose, HasTheKeysShapesAndCountsOfTheReference) {
  const Graph graph = fastpose(GetParam());
  std::map<std::string, std::vector<std::int64_t>> params;
  for (const Node& node : graph.nodes)
    for (const Param& p : node.params) params[p.key] = p.shape;
  std::size_t counters = 0;
  for (const json& entry : expected()["state_dict"]) {
    const std::string key = entry[0];
    if (key.find("num_batches_tracked") != std::string::npos) {
      ++counters;
      continue;
    }
    ASSERT_TRUE(params.count(key)) << key;
    EXPECT_EQ(params[key], entry[1].get<std::vector<std::int64_t>>()) << key;
  }
  EXPECT_EQ(params.size() + counters, expected()["state_dict_entries"].get<std::size_t>());
  EXPECT_EQ(cost(graph).parameters, expected()["parameters"].get<std::int64_t>());
}

TEST_P(FastPose, OutputStagesAndFlipTestAreTheReferences) {
  const json& stages = expected()["stages"];
  std::vector<std::string> names;
  for (const auto& [name, summary] : stages.items()) names.push_back(name);
  const auto network = test::make_network(
      fold_batch_norm(test::seeded_graph(test::with_stages(fastpose(GetParam()), names), 1.0)));
  const Blob input = input_of(expected());
  const std::vector<Blob> outputs = network->forward(input);
  test::expect_summary(outputs.at(0), expected()["output"], test::kAlphaPoseTolerance, "output");
  for (std::size_t i = 0; i < names.size(); ++i)
    test::expect_summary(outputs.at(i + 1), stages[names[i]], test::kAlphaPoseTolerance, names[i]);

  Blob plain = first_17(outputs[0]);
  test::expect_summary(plain, expected()["wrapped_output_17"]["fast_inference"], test::kAlphaPoseTolerance,
                       "17 maps");
  const Blob other = network->forward(mirrored(input)).at(0);
  average_flip_test(plain, first_17(other), skeleton("coco17").mirror_pairs, /*shift=*/false);
  test::expect_summary(plain, expected()["wrapped_output_17"]["flip_test"], test::kAlphaPoseTolerance,
                       "flip test");
}

INSTANTIATE_TEST_SUITE_P(Depths, FastPose, testing::Values(50, 101));

}  // namespace
}  // namespace pose
