#include "support/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "engine/engines.h"
#include "support/seeded.h"

namespace pose::test {
namespace {

void expect_sample(const Blob& blob, std::int64_t index, double expected, const Tolerance& tolerance,
                   const std::string& what) {
  // Winograd's transforms cost up to one bit: src/engine/README.md, 2.
  const double room = one_thread().engine == "cpu" ? 2 : 1;
  const double allowed =
      room * (tolerance.sample + tolerance.sample_relative * std::max(1.0, std::abs(expected)));
  ASSERT_LT(index, blob.elements());
  EXPECT_NEAR(blob.data()[index], expected, allowed) << what << " at " << index;
}

void expect_peaks(const Blob& blob, const nlohmann::json& expected, const Tolerance& tolerance,
                  const std::string& what) {
  const std::int64_t map = blob.dim(2) * blob.dim(3);
  const nlohmann::json &indices = expected["peak_index"], &values = expected["peak_value"];
  for (std::size_t j = 0; j < indices.size(); ++j) {
    const auto begin = static_cast<std::int64_t>(j) * map;
    const float* first = blob.data() + begin;
    EXPECT_EQ(std::max_element(first, first + map) - first, indices[j].get<std::int64_t>())
        << what << " joint " << j;
    expect_sample(blob, begin + indices[j].get<std::int64_t>(), values[j], tolerance, what);
  }
}

void expect_extremes(const Blob& blob, const nlohmann::json& expected, const Tolerance& tolerance,
                     const std::string& what) {
  const auto [low, high] = std::minmax_element(blob.data(), blob.data() + blob.elements());
  expect_sample(blob, low - blob.data(), expected.at("min"), tolerance, what + " minimum");
  expect_sample(blob, high - blob.data(), expected.at("max"), tolerance, what + " maximum");
}

}  // namespace

void expect_summary(const Blob& blob, const nlohmann::json& expected, const Tolerance& tolerance,
                    const std::string& what) {
  ASSERT_EQ(blob.shape(), expected.at("shape").get<std::vector<std::int64_t>>()) << what;
  double sum = 0, abs_sum = 0;
  for (std::int64_t i = 0; i < blob.elements(); ++i) {
    sum += blob.data()[i];
    abs_sum += std::abs(static_cast<double>(blob.data()[i]));
  }
  const double expected_abs = expected.at("abs_sum");
  EXPECT_NEAR(sum, expected.at("sum").get<double>(), tolerance.sum * expected_abs) << what;
  EXPECT_NEAR(abs_sum, expected_abs, tolerance.sum * expected_abs) << what;
  expect_extremes(blob, expected, tolerance, what);
  if (expected.contains("samples"))
    for (const auto& s : expected["samples"]) expect_sample(blob, s[0], s[1], tolerance, what);
  if (expected.contains("index"))
    for (std::size_t i = 0; i < expected["index"].size(); ++i)
      expect_sample(blob, expected["index"][i], expected["value"][i], tolerance, what);
  if (expected.contains("peak_index")) expect_peaks(blob, expected, tolerance, what);
}

EngineOptions one_thread() {
  EngineOptions options;
  const char* name = std::getenv("POSE_TEST_ENGINE");
  options.engine = name != nullptr ? name : "torch";
  options.threads = 1;
  return options;
}

std::unique_ptr<Network> make_network(BoundGraph bound) {
  return engine(one_thread().engine).make(std::move(bound), one_thread());
}

BoundGraph seeded_graph(Graph graph, double gain) {
  return bind_weights(std::move(graph), [gain](const Node& node, const Param& param) {
    Blob blob(param.shape);
    const std::vector<float> values =
        seeded_tensor(param.key, param.shape, gain, node.op == Op::kConvTranspose);
    std::copy(values.begin(), values.end(), blob.data());
    return blob;
  });
}

Graph with_stages(Graph graph, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto found =
        std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.name == name; });
    if (found == graph.nodes.end())
      ADD_FAILURE() << "no node is named " << name;
    else
      graph.outputs.push_back(static_cast<NodeId>(found - graph.nodes.begin()));
  }
  return graph;
}

}  // namespace pose::test
