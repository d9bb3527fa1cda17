// Every network of our cards gives the same bytes whoever shares its batch and however many threads work:
// what repeated, resumed and shared-out runs stand on. Weights by a formula; those of the same layers once.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "engine/cpu/cpu_network.h"
#include "graph/architectures.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "pose/model_card.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

constexpr int kSide = 224;  // of detectors

/// Of cards with the same layers the first, which has the smallest input.
std::vector<ModelCard> cards() {
  std::vector<ModelCard> chosen;
  std::set<std::tuple<std::string, std::string, std::map<std::string, std::vector<std::int64_t>>>> known;
  for (ModelCard& card : list_model_cards({test::data_path("../../models")}))
    if (card.architecture != kTorchScript &&
        known.insert({card.architecture, card.config, card.params}).second)
      chosen.push_back(std::move(card));
  return chosen;
}

Graph graph_of(const ModelCard& card) {
  if (card.role == ModelRole::kPose) return build_pose_graph(card);
  return build_darknet(read_darknet_cfg(card.config), kSide, darknet_style(card.det_rules)).graph;
}

class SameBytes : public testing::TestWithParam<ModelCard> {};

TEST_P(SameBytes, TogetherAndAloneOnOneThreadAndOnThree) {
  const BoundGraph bound = fold_batch_norm(test::seeded_graph(graph_of(GetParam()), 1.0));
  const Chw in = bound.graph.nodes[0].shape;
  const Blob pair = test::seeded_blob("pair", {2, in.c, in.h, in.w}, -1, 1);
  const auto alone = cpu::make_cpu_network(bound, 1, cpu::best_kernels());
  const std::vector<Blob> together = cpu::make_cpu_network(bound, 3, cpu::best_kernels())->forward(pair);
  for (std::int64_t i = 0; i < 2; ++i) {
    Blob item({1, in.c, in.h, in.w});
    std::copy_n(pair[i].data(), item.elements(), item.data());
    const std::vector<Blob> single = alone->forward(item);
    ASSERT_EQ(single.size(), together.size());
    for (std::size_t k = 0; k < single.size(); ++k) {
      const Blob other = together[k][i];
      EXPECT_EQ(std::memcmp(single[k].data(), other.data(),
                            static_cast<std::size_t>(other.elements()) * sizeof(float)),
                0)
          << "output " << k << " of item " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cards, SameBytes, testing::ValuesIn(cards()), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace pose
