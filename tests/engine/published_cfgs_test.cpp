// Detectors of our own cfgs with weights by the formula at a small side, on our own engine. Whatever is in
// yolov4 is in these.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "detect/yolo_rows.h"
#include "engine/cpu/cpu_network.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "support/files.h"
#include "support/reference.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

class PublishedCfgs : public testing::TestWithParam<const char*> {};

TEST_P(PublishedCfgs, RunOnOurEngineAsTheirLayersSay) {
  constexpr int kSide = 64;
  DarknetGraph network =
      build_darknet(read_darknet_cfg(test::data_path(std::string("../../models/") + GetParam() + ".cfg")),
                    kSide, DarknetStyle::kDarknet);
  const BoundGraph bound = fold_batch_norm(test::seeded_graph(std::move(network.graph), 1.0));
  const Blob photo = test::seeded_blob("published cfgs", {1, 3, kSide, kSide});
  const std::vector<Blob> expected = test::run_plainly(bound, photo);
  const std::vector<Blob> found = cpu::make_cpu_network(bound, 2, cpu::best_kernels())->forward(photo);
  ASSERT_EQ(found.size(), network.heads.size());
  std::vector<Blob> maps;
  for (std::size_t k = 0; k < found.size(); ++k) {
    float greatest = 1;
    for (std::int64_t i = 0; i < expected[k].elements(); ++i)
      greatest = std::max(greatest, std::abs(expected[k].data()[i]));
    for (std::int64_t i = 0; i < found[k].elements(); ++i)
      ASSERT_NEAR(found[k].data()[i], expected[k].data()[i], 2e-4 * greatest) << "map " << k << " at " << i;
    maps.push_back(found[k][0]);
  }
  const YoloRows rows = decode_yolo(maps, network.heads, {kSide, kSide}, 0.0f);
  std::size_t cells = 0;
  for (std::size_t k = 0; k < found.size(); ++k)
    cells += static_cast<std::size_t>(maps[k].dim(1) * maps[k].dim(2));
  EXPECT_EQ(rows.size(), 3 * cells);
  for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_TRUE(rows[i][4] >= 0 && rows[i][4] <= 1);
}

INSTANTIATE_TEST_SUITE_P(All, PublishedCfgs, testing::Values("yolov4-tiny", "yolov4-csp", "yolov7-tiny"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace pose
