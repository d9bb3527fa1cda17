#include "graph/architectures.h"

#include <gtest/gtest.h>

#include <set>

#include "graph/describe.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

using Numbers = std::map<std::string, std::vector<std::int64_t>>;

std::set<std::string> keys_of(const Graph& graph) {
  std::set<std::string> keys;
  for (const Node& node : graph.nodes)
    for (const Param& param : node.params)
      EXPECT_TRUE(keys.insert(param.key).second) << param.key << " twice";
  return keys;
}

template <typename Build>
void expect_error(ErrorKind kind, const std::string& part, Build build) {
  try {
    build();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(Architectures, PublishedHrnetHasTheKeysOfTheReference) {
  const std::set<std::string> keys = keys_of(build_hrnet({"", {}, 256, 192, 17}));
  // A few of each pattern: the number of dots differs between upward and downward fusion.
  for (const char* key :
       {"conv1.weight", "bn2.running_var", "layer1.0.downsample.0.weight", "layer1.3.bn3.bias",
        "transition1.0.0.weight", "transition1.1.0.0.weight", "transition2.2.0.1.running_mean",
        "transition3.3.0.0.weight", "stage2.0.branches.1.3.conv2.weight", "stage3.3.fuse_layers.0.2.0.weight",
        "stage3.3.fuse_layers.2.0.1.0.weight", "stage4.2.fuse_layers.0.3.1.bias", "final_layer.bias"})
    EXPECT_TRUE(keys.count(key)) << key;
  EXPECT_FALSE(keys.count("stage4.2.fuse_layers.1.0.0.0.weight")) << "the last module has one output";
  EXPECT_FALSE(keys.count("transition2.0.0.weight")) << "existing branches pass unchanged";
}

TEST(Architectures, StageLayoutOfHrnetIsFree) {
  const Numbers params{{"width", {4}}, {"modules", {1, 2, 3}}, {"blocks", {2}}, {"final_kernel", {3}}};
  const Graph graph = build_hrnet({"v1", params, 64, 96, 5});
  const std::set<std::string> keys = keys_of(graph);
  EXPECT_TRUE(keys.count("stage3.1.branches.2.1.conv1.weight"));
  EXPECT_FALSE(keys.count("stage3.2.branches.0.0.conv1.weight"));
  EXPECT_FALSE(keys.count("stage3.1.branches.2.2.conv1.weight"));
  EXPECT_EQ(to_string(graph[graph.outputs[0]].shape), "5x16x24");
  EXPECT_EQ(graph[graph.outputs[0]].kernel, 3);
}

TEST(Architectures, SegmentationVariantTakesSidesThatAreNoMultiplesOf32) {
  const Graph graph = build_hrnet({"v2", {{"width", {4}}}, 100, 75, 3});
  EXPECT_EQ(to_string(graph[graph.outputs[0]].shape), "3x25x19");
  expect_error(ErrorKind::kMismatch, "multiples of 32", [] { build_hrnet({"", {}, 240, 192, 17}); });
}

TEST(Architectures, DetectionVariantHasFiveLevels) {
  const Graph graph = build_hrnet({"v2p", {{"width", {4}}}, 128, 128, 0});
  ASSERT_EQ(graph.outputs.size(), 5u);
  EXPECT_EQ(to_string(graph[graph.outputs[4]].shape), "256x2x2");
}

TEST(Architectures, TransposedConvolutionsOfEveryKernelDouble) {
  for (const std::int64_t kernel : {2, 3, 4}) {
    const Graph graph = build_pose_resnet({"", {{"depth", {18}}, {"deconv_kernel", {kernel}}}, 128, 96, 17});
    EXPECT_EQ(to_string(graph[graph.outputs[0]].shape), "17x32x24") << kernel;
  }
}

TEST(Architectures, RefuseWhatTheyDoNotKnow) {
  expect_error(ErrorKind::kUsage, "did you mean 'hrnet'", [] { architecture("hrnett"); });
  expect_error(ErrorKind::kFormat, "params.widht", [] {
    build_hrnet({"", {{"widht", {32}}}, 256, 192, 17});
  });
  expect_error(ErrorKind::kFormat, "params.align_corners", [] {
    build_hrnet({"", {{"align_corners", {1}}}, 256, 192, 17});
  });
  expect_error(ErrorKind::kFormat, "params.width", [] { build_hrnet({"", {{"width", {0}}}, 256, 192, 17}); });
  expect_error(ErrorKind::kFormat, "params.modules", [] {
    build_hrnet({"", {{"modules", {1, 4}}}, 256, 192, 17});
  });
  expect_error(ErrorKind::kFormat, "params.final_kernel", [] {
    build_pose_resnet({"", {{"final_kernel", {2}}}, 256, 192, 17});
  });
  expect_error(ErrorKind::kFormat, "variant 'v3'", [] { build_hrnet({"v3", {}, 256, 192, 17}); });
  expect_error(ErrorKind::kFormat, "variant 'v2'", [] { build_fastpose({"v2", {}, 320, 256, 33}); });
  expect_error(ErrorKind::kFormat, "params.depth", [] {
    build_fastpose({"", {{"depth", {77}}}, 320, 256, 33});
  });
}

TEST(Architectures, CardWithOtherHeatmapsIsRefused) {
  ModelCard card;
  card.name = "mine";
  card.architecture = "hrnet";
  card.params = {{"width", {4}}};
  card.input.width = 96;
  card.input.height = 128;
  card.output_channels = 17;
  card.heatmap_width = 24;
  card.heatmap_height = 32;
  EXPECT_EQ(cost(build_pose_graph(card)).parameters,
            cost(build_hrnet({"", card.params, 128, 96, 17})).parameters);
  card.heatmap_width = 25;
  expect_error(ErrorKind::kMismatch, "model card 'mine': the network makes 17x32x24 heatmaps, not 17x32x25",
               [&] { build_pose_graph(card); });
}

struct Published {
  Graph (*build)(const ArchitectureSpec&);
  ArchitectureSpec spec;
  std::int64_t parameters, buffers, macs;
};

TEST(Cost, IsThatOfThePublishedNetworks) {
  const Published published[] = {
      {&build_hrnet, {"", {}, 256, 192, 17}, 28536113, 54628, 7645003776},
      {&build_hrnet, {"", {}, 384, 288, 17}, 28536113, 54628, 17201258496},
      {&build_hrnet, {"", {{"width", {48}}}, 256, 192, 17}, 63595745, 79876, 15691825152},
      {&build_hrnet, {"", {{"width", {48}}}, 384, 288, 17}, 63595745, 79876, 35306606592},
      {&build_hrnet, {"", {}, 256, 256, 16}, 28536080, 54628, 10193207296},
      {&build_pose_resnet, {"", {{"depth", {50}}}, 256, 192, 17}, 33999697, 54712, 5426380800},
      {&build_pose_resnet, {"", {{"depth", {101}}}, 256, 192, 17}, 52991825, 106987, 9062842368},
      {&build_pose_resnet, {"", {{"depth", {152}}}, 256, 192, 17}, 68635473, 153118, 12699303936},
  };
  for (const Published& p : published) {
    const GraphCost total = cost(p.build(p.spec));
    EXPECT_EQ(total.parameters, p.parameters);
    EXPECT_EQ(total.buffers, p.buffers);
    EXPECT_EQ(total.conv_macs, p.macs);
  }
  EXPECT_EQ(cost(build_fastpose({"", {}, 320, 256, 33})).parameters, 59588321);
}

TEST(Cost, IsWhatTheShippedCardsSay) {
  for (const ModelCard& card : list_model_cards({test::data_path("../../models")})) {
    if (card.architecture == kTorchScript) continue;
    const GraphCost total = cost(graph_of(card));
    EXPECT_NEAR(card.cost.million_parameters, static_cast<double>(total.parameters) / 1e6, 0.051)
        << card.name;
    EXPECT_NEAR(card.cost.gmacs, static_cast<double>(total.conv_macs) / 1e9, 0.051) << card.name;
    EXPECT_GT(card.cost.milliseconds, 0) << card.name;
  }
}

TEST(Describe, ListsEveryLayer) {
  const Graph graph = build_hrnet({"", {}, 256, 192, 17});
  const std::vector<LayerInfo> layers = describe(graph);
  ASSERT_EQ(layers.size(), graph.nodes.size());
  EXPECT_EQ(layers[1].name, "conv1");
  EXPECT_EQ(layers[1].op, "conv");
  EXPECT_EQ(to_string(layers[1].shape), "64x128x96");
  EXPECT_EQ(layers[1].parameters, 64 * 3 * 9);
  EXPECT_EQ(layers[1].macs, 64 * 3 * 9 * 128 * 96);
  EXPECT_EQ(layers[2].parameters, 128) << "running mean and variance are not trained";
}

}  // namespace
}  // namespace pose
