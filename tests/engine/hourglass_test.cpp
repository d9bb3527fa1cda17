// The hourglass on seeded weights against the same network in PyTorch (scripts/train/hourglass.py).

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

TEST(Hourglass, GivesTheHeatmapsOfPyTorch) {
  const nlohmann::json golden = test::golden("hourglass.json");
  ASSERT_EQ(golden.at("cases").size(), 2u);
  for (const nlohmann::json& c : golden.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto shape = c.at("input_shape").get<std::vector<std::int64_t>>();
    const Graph graph =
        build_hourglass({"", c.at("params").get<std::map<std::string, std::vector<std::int64_t>>>(), shape[2],
                         shape[3], c.at("joints")});
    EXPECT_EQ(cost(graph).parameters, c.at("parameters").get<std::int64_t>());
    const auto network = test::make_network(fold_batch_norm(test::seeded_graph(graph, c.at("gain"))));
    const Blob input = test::seeded_blob(c.at("input_key").get<std::string>(), shape, c.at("input_range")[0],
                                         c.at("input_range")[1]);
    test::expect_summary(network->forward(input).at(0), c.at("output"), test::kHrnetTolerance, "heatmaps");
  }
}

}  // namespace
}  // namespace pose
