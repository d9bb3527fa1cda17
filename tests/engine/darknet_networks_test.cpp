// YOLO networks on seeded weights against AlphaPose's own run of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "detect/yolo_rows.h"
#include "graph/builder.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "image/letterbox.h"
#include "pose/detect.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr double kGain = 1.0;

struct Case {
  const char* golden;
  const char* cfg;
  DarknetStyle style;
};

const std::vector<Case> kCases{{"yolov3-spp_320", "yolov3-spp", DarknetStyle::kAlphaPose},
                               {"yolov3-spp_608", "yolov3-spp", DarknetStyle::kAlphaPose},
                               {"yolov3_320", "yolov3", DarknetStyle::kAlphaPose},
                               {"yolov3-tiny_416_pool-patched", "yolov3-tiny", DarknetStyle::kDarknet}};

const json& golden_case(std::string_view name) {
  static const json all = test::golden("alphapose_networks.json");
  for (const json& network : all.at("networks"))
    if (network.at("name") == name) return network;
  throw std::runtime_error("no golden case " + std::string(name));
}

DarknetGraph build(const std::string& cfg, int side, DarknetStyle style) {
  return build_darknet(read_darknet_cfg(test::data_path("../../models/" + cfg + ".cfg")), side, style);
}

std::unique_ptr<Network> seeded_network(Graph graph) {
  return test::make_network(fold_batch_norm(test::seeded_graph(std::move(graph), kGain)));
}

/// Decoded rows of one photo as the reference's tensor `[1, n, 5 + classes]`.
Blob rows_blob(const YoloRows& rows) {
  Blob blob({1, static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.columns())});
  std::copy(rows.values.begin(), rows.values.end(), blob.data());
  return blob;
}

class DarknetNetworks : public testing::TestWithParam<Case> {};

TEST_P(DarknetNetworks, GiveTheStagesAndRowsOfTheReference) {
  const json& expected = golden_case(GetParam().golden);
  const int side = expected.at("input_shape")[2];
  DarknetGraph network = build(GetParam().cfg, side, GetParam().style);
  for (Node& node : network.graph.nodes)
    node.eps = 1e-5;  // the patched reference has other pools, nothing else
  const std::size_t heads = network.heads.size();
  for (const auto& [stage, summary] : expected.at("stages").items())  // "layer 78"
    network.graph.outputs.push_back(
        network.section_outputs.at(std::stoul(stage.substr(stage.find(' ') + 1))));

  const Blob input = test::seeded_blob(expected.at("input_key").get<std::string>(), {1, 3, side, side});
  const std::vector<Blob> outputs = seeded_network(std::move(network.graph))->forward(input);

  std::size_t next = heads;
  for (const auto& [stage, summary] : expected.at("stages").items())
    test::expect_summary(outputs.at(next++), summary, test::kAlphaPoseTolerance, stage);

  std::vector<Blob> maps;
  for (std::size_t i = 0; i < heads; ++i) maps.push_back(outputs[i][0]);
  const YoloRows rows = decode_yolo(maps, network.heads, {side, side}, 0.0f);
  test::expect_summary(rows_blob(rows), expected.at("output"), test::kAlphaPoseTolerance, "rows");
  for (const json& row : expected.at("rows")) {
    for (std::size_t j = 0; j < row[1].size(); ++j) {
      const double want = row[1][j];
      EXPECT_NEAR(rows[row[0].get<std::size_t>()][j], want, 1e-4 * std::max(1.0, std::abs(want)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DarknetNetworks, testing::ValuesIn(kCases), [](const auto& test) {
  std::string name = test.param.golden;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(DarknetPools, GiveTheReferencesNumbersAtTheBorder) {
  const json golden = test::golden("alphapose_networks.json").at("maxpool_stride1");
  const Blob input = test::seeded_blob(golden.at("input_key").get<std::string>(), {1, 2, 7, 9},
                                       golden.at("input_range")[0], golden.at("input_range")[1]);
  for (const json& c : golden.at("cases")) {
    GraphBuilder builder;
    const int size = c.at("size"), pad = (size - 1) / 2;
    const NodeId pool =
        builder.max_pool(builder.input({2, 7, 9}), size, 1, pad, pad, /*pad_with_zeros=*/true);
    const Blob output = seeded_network(builder.finish({pool}))->forward(input).at(0);
    ASSERT_EQ(output.shape(), c.at("output_shape").get<std::vector<std::int64_t>>());
    for (std::int64_t i = 0; i < output.elements(); ++i)
      EXPECT_EQ(output.data()[i], c.at("output")[static_cast<std::size_t>(i)].get<float>())
          << size << " at " << i;
  }
}

/// The picture of colour blocks that the golden pipeline runs on.
cv::Mat block_picture(const json& golden) {
  constexpr int kBlock = 20, kColumns = 22, kRows = 12;
  const auto colours = test::seeded_picture(golden.at("picture_key").get<std::string>(), kColumns, kRows);
  cv::Mat picture(golden.at("height").get<int>(), golden.at("width").get<int>(), CV_8UC3);
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      for (int c = 0; c < 3; ++c)
        picture.at<cv::Vec3b>(y, x)[c] =
            colours[static_cast<std::size_t>((y / kBlock * kColumns + x / kBlock) * 3 + c)];
  return picture;
}

TEST(DarknetPipeline, FindsTheBoxesOfTheReference) {
  const json golden = test::golden("alphapose_pipeline.json");
  const int side = golden.at("inp_dim");
  DarknetGraph network = build("yolov3-spp", side, DarknetStyle::kAlphaPose);
  DetectorOptions options;
  options.conf = golden.at("conf").get<float>();
  const auto detector =
      make_yolo_detector(seeded_network(std::move(network.graph)), network.heads, {side, side}, options);
  std::vector<DetectorTrace> traces;
  const auto found = detector->detect({detector->prepare(block_picture(golden), "blocks.png")}, &traces);
  EXPECT_EQ(traces.at(0).before_nms.size(), golden.at("person_rows"));
  const json& boxes = golden.at("detected").at("boxes");
  ASSERT_EQ(found.at(0).size(), boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Detection& d = found[0][i];
    EXPECT_NEAR(d.box.x1, boxes[i][0].get<float>(), 1e-2);
    EXPECT_NEAR(d.box.y1, boxes[i][1].get<float>(), 1e-2);
    EXPECT_NEAR(d.box.x2, boxes[i][2].get<float>(), 1e-2);
    EXPECT_NEAR(d.box.y2, boxes[i][3].get<float>(), 1e-2);
    EXPECT_NEAR(d.score, golden.at("detected").at("scores")[i].get<float>(), 1e-4);
  }
}

}  // namespace
}  // namespace pose
