// The networks layer by layer, without running them: that their numbers are right is tested where there is an
// engine; here every layer, its place and its settings are held fast.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "graph/architectures.h"
#include "graph/binding.h"
#include "graph/builder.h"
#include "graph/darknet.h"
#include "graph/describe.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

/// One line a layer: everything that the engine goes by.
std::string text_of(const Graph& graph) {
  std::string text;
  for (const Node& n : graph.nodes) {
    text += n.name + " " + std::string(to_string(n.op)) + " " + to_string(n.shape) + " from";
    for (const NodeId id : n.inputs) text += " " + std::to_string(id);
    for (const int number :
         {n.kernel, n.stride, n.pad, n.groups, n.output_pad, n.pad_end, int{n.pad_with_zeros},
          static_cast<int>(n.activation), static_cast<int>(n.interpolation), static_cast<int>(n.slice_begin),
          static_cast<int>(n.eps * 1e9)})
      text += " " + std::to_string(number);
    for (const Param& p : n.params) {
      text += " " + p.key + ":" + std::to_string(static_cast<int>(p.kind));
      for (const std::int64_t d : p.shape) text += "," + std::to_string(d);
    }
    text += "\n";
  }
  for (const NodeId id : graph.outputs) text += std::to_string(id) + " ";
  return text;
}

/// FNV-1a.
std::uint64_t hash_of(const Graph& graph) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text_of(graph)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

struct Known {
  const char* what;
  Graph graph;
  std::size_t layers, rectified;
  std::uint64_t hash;  ///< of all layers; a network that is changed on purpose has another one
};

TEST(Structure, EveryLayerOfEveryArchitectureIsAsItWasMeasured) {
  const Known all[] = {
      {"hrnet", build_hrnet({"", {}, 256, 192, 17}), 1006, 261, 0x59de1b7bd708df1e},
      {"hrnet, other sizes",
       build_hrnet({"v1",
                    {{"width", {8}},
                     {"stem", {16}},
                     {"layer1_planes", {12}},
                     {"layer1_blocks", {2}},
                     {"modules", {1, 2, 1}},
                     {"blocks", {2}},
                     {"final_kernel", {3}}},
                    64,
                    96,
                    5}),
       278, 71, 0x7df0d14f763e523f},
      {"hrnet, a first stage as narrow as its stem",
       build_hrnet({"", {{"stem", {16}}, {"layer1_planes", {4}}, {"width", {16}}}, 64, 64, 3}), 1001, 260,
       0x8911ceb5ab0e890d},
      {"hrnet v2", build_hrnet({"v2", {{"width", {4}}}, 100, 75, 3}), 1052, 269, 0xadf36200071be12},
      {"hrnet v2, aligned", build_hrnet({"v2", {{"width", {4}}, {"align_corners", {1}}}, 96, 64, 3}), 1052,
       269, 0x76c644608c97a185},
      {"hrnet v2p", build_hrnet({"v2p", {{"width", {4}}}, 128, 128, 0}), 1058, 268, 0x51f2d92463fc354d},
      {"fastpose 101", build_fastpose({"", {}, 320, 256, 33}), 377, 110, 0xd6fb86158c355aea},
      {"fastpose 50", build_fastpose({"", {{"depth", {50}}}, 256, 192, 17}), 207, 59, 0xaa2f9075cf8f09b0},
      {"pose-resnet 18", build_pose_resnet({"", {{"depth", {18}}}, 128, 96, 17}), 77, 20, 0x382ead4b947e4b18},
      {"pose-resnet 34", build_pose_resnet({"", {{"depth", {34}}, {"deconv_kernel", {3}}}, 128, 96, 17}), 133,
       36, 0x8ece9dee6ed2be56},
      {"pose-resnet 50",
       build_pose_resnet({"", {{"deconv_kernel", {2}}, {"final_kernel", {3}}}, 256, 192, 16}), 183, 52,
       0xcf366d95df63301b},
      {"hourglass", build_hourglass({"", {}, 256, 192, 17}), 95, 26, 0x21ec2b813366088e},
      {"yolov3-spp, darknet",
       build_darknet(read_darknet_cfg(test::data_path("../../models/yolov3-spp.cfg")), 416,
                     DarknetStyle::kDarknet)
           .graph,
       254, 73, 0x5cecf4209e81bf4d},
      {"yolov3-spp, alphapose",
       build_darknet(read_darknet_cfg(test::data_path("../../models/yolov3-spp.cfg")), 416,
                     DarknetStyle::kAlphaPose)
           .graph,
       254, 73, 0x5c361be9c83f4c26},
      {"yolov4-like",
       build_darknet(read_darknet_cfg(test::data_path("yolov4_like.cfg")), 0, DarknetStyle::kDarknet).graph,
       63, 15, 0x626c53981595c613},
  };
  for (const Known& known : all) {
    std::size_t rectified = 0;
    for (const Node& node : known.graph.nodes) rectified += node.activation != Activation::kNone;
    EXPECT_EQ(known.graph.nodes.size(), known.layers) << known.what;
    EXPECT_EQ(rectified, known.rectified) << known.what;
    EXPECT_EQ(hash_of(known.graph), known.hash) << known.what << ": " << std::hex << hash_of(known.graph);
  }
}

template <typename Build>
std::string error_of(Build build) {
  try {
    build();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Structure, ParametersHaveRanges) {
  const auto hrnet = [](const std::string& name, std::int64_t value) {
    return error_of([&] { build_hrnet({"", {{name, {value}}}, 32, 32, 1}); });
  };
  for (const char* name : {"width", "stem", "layer1_planes"}) {
    EXPECT_EQ(hrnet(name, 1025), std::string("params.") + name + " must be one number from 1 to 1024");
    EXPECT_EQ(hrnet(name, 1), "nothing was thrown");
  }
  for (const char* name : {"layer1_blocks", "blocks"}) {
    EXPECT_EQ(hrnet(name, 0), std::string("params.") + name + " must be one number from 1 to 100");
    EXPECT_EQ(hrnet(name, 101), std::string("params.") + name + " must be one number from 1 to 100");
    EXPECT_EQ(hrnet(name, 1), "nothing was thrown");
  }
  EXPECT_EQ(hrnet("final_kernel", 2), "params.final_kernel must be 1 or 3");
  EXPECT_EQ(hrnet("final_kernel", 4), "params.final_kernel must be one number from 1 to 3");
  const auto modules = [](const std::vector<std::int64_t>& list) {
    return error_of([&] {
      build_hrnet({"", {{"modules", list}, {"width", {1}}, {"blocks", {1}}}, 32, 32, 1});
    });
  };
  const std::string range = "params.modules must be 3 numbers from 1 to 1000";
  EXPECT_EQ(modules({1, 0, 1}), range);
  EXPECT_EQ(modules({1, 1, 1001}), range);
  EXPECT_EQ(modules({1, 1, 1, 1}), range);
  EXPECT_EQ(modules({1, 1, 1}), "nothing was thrown");
  EXPECT_EQ(error_of([] {
              build_hrnet({"", {{"width", {1, 2}}}, 32, 32, 1});
            }),
            "params.width must be one number from 1 to 1024");
  EXPECT_NE(error_of([] {
              build_hrnet({"", {}, 64, 48, 1});
            }).find("multiples of 32, not 64x48"),
            std::string::npos);
}

TEST(Structure, ParametersAtTheirEndsAndThoseOfOthers) {
  EXPECT_EQ(error_of([] { build_fastpose({"", {{"depth", {101}}}, 64, 64, 17}); }), "nothing was thrown");
  EXPECT_EQ(error_of([] {
              build_hourglass({"", {{"stem", {0}}}, 64, 64, 17});
            }),
            "params.stem must be one number from 1 to 1000");
  for (const auto build : {&build_fastpose, &build_pose_resnet, &build_hrnet, &build_hourglass})
    EXPECT_NE(error_of([&] {
                build({"", {{"colour", {1}}}, 64, 64, 17});
              }).find("colour"),
              std::string::npos);
}

TEST(Structure, ArchitecturesAreFoundByName) {
  EXPECT_EQ(architecture("fastpose").build, &build_fastpose);
  EXPECT_EQ(architecture("hourglass").build, &build_hourglass);
  EXPECT_EQ(architecture("hrnet").build, &build_hrnet);
  EXPECT_EQ(architecture("pose-resnet").build, &build_pose_resnet);
}

TEST(Structure, HeatmapsMustBeThoseOfTheCard) {
  ModelCard card;
  card.architecture = "hrnet";
  card.params = {{"width", {4}}};
  card.input.width = 96;
  card.input.height = 128;
  card.output_channels = 17;
  card.heatmap_width = 24;
  card.heatmap_height = 32;
  EXPECT_NO_THROW(build_pose_graph(card));
  for (int ModelCard::*side : {&ModelCard::heatmap_width, &ModelCard::heatmap_height}) {
    ModelCard other = card;
    --(other.*side);
    EXPECT_THROW(build_pose_graph(other), Error);
  }
}

TEST(GraphBuilder, WindowsMayFillTheWholeSide) {
  GraphBuilder g;
  const NodeId x = g.input({4, 8, 6});
  EXPECT_EQ(to_string(g.shape(g.avg_pool(x, 6, 1))), "4x3x1");
  EXPECT_EQ(to_string(g.shape(g.avg_pool(x, 2, 3))), "4x3x2");
  EXPECT_THROW(g.avg_pool(x, 7, 1), Error);
  EXPECT_THROW(g.max_pool(x, 2, 0, 0), Error);
  EXPECT_EQ(to_string(g.shape(g.max_pool(x, 3, 2, 1))), "4x4x3");
  EXPECT_EQ(to_string(g.shape(g.max_pool(x, 2, 1, 0, 1))), "4x8x6");
  EXPECT_EQ(to_string(g.shape(g.conv_transpose(x, 5, 3, 2, 1, 1, "up"))), "5x16x12");
  EXPECT_EQ(to_string(g.shape(g.pixel_shuffle(x))), "1x16x12");
  EXPECT_EQ(to_string(g.shape(g.slice(x, 3, 1))), "1x8x6");
  EXPECT_EQ(to_string(g.shape(g.slice(x, 1, 3))), "3x8x6");
  EXPECT_EQ(to_string(g.shape(g.slice(x, 0, 2))), "2x8x6");
  EXPECT_THROW(g.slice(x, 2, 3), Error);
  EXPECT_THROW(g.slice(x, -1, 2), Error);
  EXPECT_THROW(g.slice(x, 1, 0), Error);
  EXPECT_EQ(to_string(g.shape(g.upsample(x, 8, 12, Interpolation::kNearest))), "4x8x12");
  EXPECT_EQ(to_string(g.shape(g.upsample(x, 16, 6, Interpolation::kNearest))), "4x16x6");
  EXPECT_THROW(g.conv(x, {6, 1, 1, 0, 0}, "groups"), Error);
  EXPECT_THROW(g.conv(x, {6, 1, 1, 0, 4}, "groups"), Error);
  EXPECT_THROW(g.conv(x, {6, 1, 1, 0, 3}, "groups"), Error);
  EXPECT_THROW(g.add({}), Error);
  EXPECT_THROW(g.add({x, 99}), Error);
  EXPECT_THROW(g.add({-1, x}), Error);
}

TEST(GraphBuilder, SumsJoinsAndFactorsNeedEqualSides) {
  GraphBuilder g;
  const NodeId x = g.input({4, 8, 6});
  const NodeId flat = g.max_pool(x, 2, 1, 0), wide = g.upsample(x, 8, 12, Interpolation::kNearest),
               high = g.upsample(x, 16, 6, Interpolation::kNearest);
  for (const NodeId other : {flat, wide, high}) {
    EXPECT_THROW(g.add({x, other}), Error);
    EXPECT_THROW(g.concat({x, other}), Error);
  }
  const NodeId mean = g.global_avg_pool(x);
  EXPECT_EQ(to_string(g.shape(g.scale_channels(x, mean))), "4x8x6");
  EXPECT_EQ(to_string(g.shape(g.linear(mean, 7, "fc"))), "7x1x1");
  EXPECT_THROW(g.scale_channels(x, g.linear(mean, 7, "fc")), Error);
  EXPECT_THROW(g.scale_channels(x, g.max_pool(x, 6, 1, 0)), Error);  // 4x3x1
  EXPECT_THROW(g.linear(g.avg_pool(x, 6, 1), 7, "fc"), Error);
}

TEST(Describe, CountsTheWorkOfEveryKindOfLayer) {
  GraphBuilder g;
  const NodeId x = g.input({4, 8, 6});
  const NodeId conv = g.conv(x, {6, 3, 2, 1, 2, true}, "conv");
  const NodeId up = g.conv_transpose(conv, 5, 4, 2, 1, 0, "up");
  const NodeId fc = g.linear(g.global_avg_pool(g.batch_norm(up, "bn")), 7, "fc");
  const Graph graph = g.finish({fc});
  std::map<std::string, LayerInfo> layers;
  for (const LayerInfo& layer : describe(graph)) layers[layer.op] = layer;
  EXPECT_EQ(layers["conv"].macs, 6 * 2 * 9 * 4 * 3);
  EXPECT_EQ(layers["conv"].parameters, 6 * 2 * 9 + 6);
  EXPECT_EQ(layers["conv_transpose"].macs, 6 * 5 * 16 * 4 * 3) << "of its input's places";
  EXPECT_EQ(layers["linear"].macs, 5 * 7);
  EXPECT_EQ(layers["linear"].parameters, 5 * 7 + 7);
  EXPECT_EQ(layers["batch_norm"].parameters, 10);
  EXPECT_EQ(layers["batch_norm"].macs, 0);
  EXPECT_EQ(layers["input"].macs, 0);
  const GraphCost total = cost(graph);
  EXPECT_EQ(total.parameters, 6 * 2 * 9 + 6 + 6 * 5 * 16 + 10 + 5 * 7 + 7);
  EXPECT_EQ(total.conv_macs, 6 * 2 * 9 * 12 + 6 * 5 * 16 * 12) << "without linear layers";
  EXPECT_EQ(total.buffers, 2 * 5 + 1);
}

TEST(Describe, EveryOperationHasItsName) {
  const std::pair<Op, const char*> names[] = {{Op::kInput, "input"},
                                              {Op::kConv, "conv"},
                                              {Op::kConvTranspose, "conv_transpose"},
                                              {Op::kLinear, "linear"},
                                              {Op::kBatchNorm, "batch_norm"},
                                              {Op::kActivation, "activation"},
                                              {Op::kAdd, "add"},
                                              {Op::kConcat, "concat"},
                                              {Op::kSlice, "slice"},
                                              {Op::kMaxPool, "max_pool"},
                                              {Op::kAvgPool, "avg_pool"},
                                              {Op::kGlobalAvgPool, "global_avg_pool"},
                                              {Op::kUpsample, "upsample"},
                                              {Op::kPixelShuffle, "pixel_shuffle"},
                                              {Op::kScaleChannels, "scale_channels"}};
  for (const auto& [op, name] : names) EXPECT_EQ(to_string(op), name);
}

TEST(Blob, KnowsItsElementsAndItsParts) {
  EXPECT_EQ(Blob().elements(), 0);
  EXPECT_EQ(Blob(std::vector<std::int64_t>()).elements(), 1);
  EXPECT_EQ(Blob({0, 3}).elements(), 0);
  Blob blob({2, 3, 4});
  EXPECT_EQ(blob.elements(), 24);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(blob.data()[i], 0);
  EXPECT_EQ(blob[1].data(), blob.data() + 12);
  EXPECT_EQ(blob[1].shape(), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(blob[1][2][3].elements(), 1);
  EXPECT_THROW(blob[2], Error);
  EXPECT_THROW(blob[-1], Error);
  EXPECT_THROW(Blob(std::vector<std::int64_t>())[0], Error);
  const Blob part = Blob({2, 2})[1];
  EXPECT_EQ(part.data()[0], 0) << "a part keeps the whole alive";
}

TEST(BindWeights, LongListsOfFaultsAreCut) {
  GraphBuilder g;
  NodeId x = g.input({1, 2, 2});
  for (int i = 0; i < 103; ++i) x = g.conv(x, {1, 1}, "conv" + std::to_string(i));
  const WeightFit fit = compare_weights(g.finish({x}), TensorFile());
  EXPECT_EQ(fit.missing.size(), 103u);
  EXPECT_EQ(fit.fitting, 0u);
  EXPECT_FALSE(fit.complete());
  GraphBuilder h;
  x = h.input({1, 2, 2});
  for (int i = 0; i < 103; ++i) x = h.conv(x, {1, 1}, "conv" + std::to_string(i));
  const std::string message = error_of([&] { bind_weights(h.finish({x}), TensorFile()); });
  EXPECT_NE(message.find("103 tensors missing: conv0.weight, conv1.weight"), std::string::npos);
  EXPECT_NE(message.find("conv99.weight, ... (3 more)"), std::string::npos) << message;
}

TEST(BindWeights, AnyFaultMakesAFitIncomplete) {
  EXPECT_TRUE(WeightFit().complete());
  WeightFit fit;
  for (auto list : {&WeightFit::missing, &WeightFit::misshaped, &WeightFit::extra}) {
    (fit.*list).push_back("x");
    EXPECT_FALSE(fit.complete());
    (fit.*list).clear();
  }
}

TEST(DarknetGraph, SidesHaveARange) {
  const DarknetCfg cfg = parse_darknet_cfg(
      "[net]\nwidth=64\nheight=32\n[max]\nstride=2\n[convolutional]\nfilters=6\nactivation=linear\n[yolo]"
      "\nanchors=3,"
      "4\nclasses=1\n",
      "x.cfg");
  for (const int side : {64, 96, 8192})
    EXPECT_NO_THROW(build_darknet(cfg, side, DarknetStyle::kDarknet)) << side;
  for (const int side : {32, 65, 8224})
    EXPECT_NE(error_of([&] {
                build_darknet(cfg, side, DarknetStyle::kDarknet);
              }).find("must be a multiple of 32 from 64 to 8192, not " + std::to_string(side)),
              std::string::npos);
}

}  // namespace
}  // namespace pose
