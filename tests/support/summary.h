#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "graph/binding.h"
#include "pose/blob.h"
#include "pose/network_factory.h"

namespace pose::test {

/// How far a tensor may be from what a golden file says of it.
struct Tolerance {
  double sample = 0;           ///< absolute
  double sample_relative = 0;  ///< times max(1, |value|)
  double sum = 0;              ///< of the sums, relative to the sum of absolute values
};

constexpr Tolerance kHrnetTolerance{2e-5, 0, 1e-6};
constexpr Tolerance kAlphaPoseTolerance{0, 1e-4, 1e-5};

/// Compares shape, sums, extremes, samples and peaks of `blob` with a golden summary, as far as it has them.
void expect_summary(const Blob& blob, const nlohmann::json& expected, const Tolerance& tolerance,
                    const std::string& what);

/// The engine that the tests of networks are run for, $POSE_TEST_ENGINE or "torch"; on a busy machine two
/// threads wait for each other.
EngineOptions one_thread();

/// Makes a graph ready with these options.
std::unique_ptr<Network> make_network(BoundGraph bound);

/// A graph with the seeded weights of the golden files.
BoundGraph seeded_graph(Graph graph, double gain);

/// The same graph with the results of the nodes of these names as further outputs.
Graph with_stages(Graph graph, const std::vector<std::string>& names);

}  // namespace pose::test
