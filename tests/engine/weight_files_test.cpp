// Networks loaded from files of every format give the numbers of the reference: what is tested of readers and
// networks apart, here together.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/architectures.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "pose/network_factory.h"
#include "support/darknet_files.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"
#include "support/torch_files.h"
#include "weights/safetensors_writer.h"

namespace pose {
namespace {

using nlohmann::json;

const json& named(const json& list, const std::string& name) {
  return *std::find_if(list.begin(), list.end(), [&](const json& c) { return c.at("name") == name; });
}

ModelCard small_hrnet() {
  ModelCard card;
  card.name = "small";
  card.architecture = "hrnet";
  card.params = {{"width", {8}}, {"modules", {1, 1, 1}}, {"blocks", {1}}};
  card.input.width = 96;
  card.input.height = 128;
  card.output_channels = 17;
  card.heatmap_width = 24;
  card.heatmap_height = 32;
  return card;
}

TEST(WeightFiles, PoseNetworkFromEveryFormatGivesTheReferencesHeatmaps) {
  const json golden = named(test::golden("hrnet_networks.json").at("cases"), "hrnet_small_c8_128x96");
  ModelCard card = small_hrnet();
  const auto tensors = test::saved_tensors(test::seeded_graph(build_pose_graph(card), golden.at("gain")));
  const test::TempFolder folder;
  test::write_legacy_pth(folder / "legacy", tensors);
  test::write_zip_pth(folder / "zip", tensors);
  write_safetensors(folder / "safetensors", open_tensor_file(folder / "legacy"));
  const json& range = golden.at("input_range");
  const Blob input =
      test::seeded_blob(golden.at("input_key").get<std::string>(), {1, 3, 128, 96}, range[0], range[1]);
  for (const char* format : {"legacy", "zip", "safetensors"}) {
    card.weights = folder / format;
    test::expect_summary(make_pose_network(card, test::one_thread())->forward(input).at(0),
                         golden.at("output"), test::kHrnetTolerance, format);
  }
}

TEST(WeightFiles, DetectorFromDarknetWeightsGivesTheReferencesMaps) {
  const json golden =
      named(test::golden("alphapose_networks.json").at("networks"), "yolov3-tiny_416_pool-patched");
  DarknetGraph darknet = build_darknet(read_darknet_cfg(test::data_path("../../models/yolov3-tiny.cfg")), 416,
                                       DarknetStyle::kDarknet);
  for (Node& node : darknet.graph.nodes)
    node.eps = 1e-5;  // the patched reference has other pools, nothing else
  const test::TempFolder folder;
  test::write_darknet_weights(folder / "tiny.weights", darknet.file_order,
                              test::seeded_graph(darknet.graph, 1.0));

  std::vector<std::string> stages;
  for (const auto& [stage, summary] : golden.at("stages").items()) {
    stages.push_back(stage);
    darknet.graph.outputs.push_back(
        darknet.section_outputs.at(std::stoul(stage.substr(stage.find(' ') + 1))));
  }
  const TensorFile weights = read_darknet_weights(folder / "tiny.weights", darknet.file_order);
  const auto network = test::make_network(fold_batch_norm(bind_weights(std::move(darknet.graph), weights)));
  const Blob input = test::seeded_blob(golden.at("input_key").get<std::string>(), {1, 3, 416, 416});
  const std::vector<Blob> outputs = network->forward(input);
  ASSERT_EQ(outputs.size(), darknet.heads.size() + stages.size());
  for (std::size_t i = 0; i < stages.size(); ++i)
    test::expect_summary(outputs[darknet.heads.size() + i], golden.at("stages").at(stages[i]),
                         test::kAlphaPoseTolerance, stages[i]);
}

}  // namespace
}  // namespace pose
