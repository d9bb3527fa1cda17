// What yolov4 and the small detectors need beyond YOLOv3, layer by layer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "detect/yolo_rows.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

std::vector<Blob> run(Graph graph, const Blob& input, double gain) {
  return test::make_network(fold_batch_norm(test::seeded_graph(std::move(graph), gain)))->forward(input);
}

TEST(DarknetLayers, GiveTheRowsOfOpenCvOnEverythingInYolov4) {
  const json golden = test::golden("darknet_opencv.json");
  const DarknetGraph network =
      build_darknet(read_darknet_cfg(test::data_path("yolov4_like.cfg")), 0, DarknetStyle::kDarknet);
  const Chw in = network.graph.nodes[0].shape;
  const Blob input = test::seeded_blob(golden.at("input_key").get<std::string>(), {1, in.c, in.h, in.w});
  std::vector<Blob> maps;
  for (const Blob& map : run(network.graph, input, golden.at("gain"))) maps.push_back(map[0]);
  const Size size{static_cast<int>(in.w), static_cast<int>(in.h)};
  const YoloRows rows = decode_yolo(maps, network.heads, size, 0.0f);
  ASSERT_EQ(rows.size(), golden.at("count"));
  for (const json& row : golden.at("rows")) {
    const float* found = rows[row[0].get<std::size_t>()];
    for (std::size_t j = 0; j < 5; ++j) {  // OpenCV's boxes are parts of the input's sides
      const double side = j >= 4 ? 1 : j % 2 == 0 ? size.width : size.height;
      const double want = row[1][j];
      EXPECT_NEAR(found[j] / side, want, 1e-5 * std::max(1.0, want)) << "row " << row[0] << " column " << j;
    }
  }
}

struct Formula {
  const char* name;
  double (*function)(double);
};

const std::vector<Formula> kFormulas{
    {"linear", [](double x) { return x; }},
    {"leaky", [](double x) { return x > 0 ? x : 0.1 * x; }},
    {"relu", [](double x) { return std::max(x, 0.0); }},
    {"relu6", [](double x) { return std::min(std::max(x, 0.0), 6.0); }},
    {"logistic", [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
    {"swish", [](double x) { return x / (1 + std::exp(-x)); }},
};

/// Two convolutions and their sum; `conv` and `sum` are the activations.
std::vector<Blob> run_two(const std::string& conv, const std::string& sum) {
  DarknetGraph network = build_darknet(
      parse_darknet_cfg(
          "[net]\nwidth=32\nheight=32\n[convolutional]\nfilters=6\nactivation=linear\n"
          "[convolutional]\nfilters=6\nactivation=" +
              conv + "\n[shortcut]\nfrom=-2,-2\nactivation=" + sum +
              "\n[convolutional]\nfilters=6\nactivation=linear\n[yolo]\nanchors=1,1\nclasses=1\n",
          "x.cfg"),
      0, DarknetStyle::kDarknet);
  network.graph.outputs = {network.section_outputs[0], network.section_outputs[1],
                           network.section_outputs[2]};
  return run(network.graph, test::seeded_blob("darknet.activations", {1, 3, 32, 32}, -6, 6), 4.0);
}

TEST(DarknetLayers, FollowTheFormulaOfEveryActivation) {
  const std::vector<Blob> plain = run_two("linear", "linear");
  for (const Formula& formula : kFormulas) {
    const std::vector<Blob> found = run_two(formula.name, formula.name);
    for (std::int64_t i = 0; i < found[0].elements(); ++i) {
      const double conv = formula.function(plain[1].data()[i]);
      const double sum = formula.function(conv + 2.0 * plain[0].data()[i]);
      ASSERT_NEAR(found[1].data()[i], conv, 1e-5 * std::max(1.0, std::abs(conv)))
          << formula.name << " at " << i;
      ASSERT_NEAR(found[2].data()[i], sum, 1e-5 * std::max(1.0, std::abs(sum)))
          << formula.name << " at " << i;
    }
  }
}

}  // namespace
}  // namespace pose
