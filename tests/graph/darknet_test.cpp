#include "graph/darknet.h"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "graph/describe.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

DarknetGraph build(const std::string& text, int side = 0, DarknetStyle style = DarknetStyle::kDarknet) {
  return build_darknet(parse_darknet_cfg("[net]\nwidth=64\nheight=32\n" + text, "x.cfg"), side, style);
}

DarknetGraph build_model(const std::string& name, int side, DarknetStyle style) {
  return build_darknet(read_darknet_cfg(test::data_path("../../models/" + name + ".cfg")), side, style);
}

std::string shape_text(const DarknetGraph& network, std::size_t section) {
  const Chw s = network.graph[network.section_outputs.at(section)].shape;
  return std::to_string(s.c) + "x" + std::to_string(s.h) + "x" + std::to_string(s.w);
}

std::int64_t floats(const DarknetGraph& network) {
  std::int64_t sum = 0;
  for (const DarknetTensor& t : network.file_order)
    sum += std::accumulate(t.shape.begin(), t.shape.end(), std::int64_t{1}, std::multiplies<>());
  return sum;
}

void expect_error(const std::string& text, ErrorKind kind, const std::string& part,
                  DarknetStyle style = DarknetStyle::kDarknet) {
  try {
    build(text, 0, style);
    FAIL() << "no error, expected: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

const std::string kHead = "[convolutional]\nfilters=6\nactivation=linear\n[yolo]\nanchors=3,4\nclasses=1\n";

TEST(DarknetGraph, has_the_published_numbers_of_parameters) {
  for (const auto& golden : test::golden("alphapose_networks.json").at("networks")) {
    const std::string name = golden.at("name");
    if (name.rfind("yolov3", 0) != 0) continue;
    const std::string model = name.substr(0, name.find('_'));
    const DarknetGraph network = build_model(model, golden.at("input_shape")[2], DarknetStyle::kDarknet);
    EXPECT_EQ(cost(network.graph).parameters, golden.at("parameters")) << name;
    EXPECT_EQ(floats(network), golden.at("weights_file_floats")) << name;
    EXPECT_EQ(network.section_outputs.size(), golden.at("sections_after_net")) << name;
  }
}

/// Bytes and sections as published; our cfgs are texts of our own.
TEST(DarknetGraph, has_the_size_of_the_published_weight_files) {
  constexpr std::int64_t kHeaderBytes = 20;
  for (const auto& [name, bytes, sections] : {std::tuple{"yolov3", 248007048, 107u},
                                              {"yolov3-spp", 252209544, 114u},
                                              {"yolov3-tiny", 35434956, 24u},
                                              {"yolov4", 257717640, 162u},
                                              {"yolov4-tiny", 24251276, 38u},
                                              {"yolov4-csp", 211944840, 175u},
                                              {"yolov7-tiny", 24967560, 99u}}) {
    const DarknetGraph network = build_model(name, 416, DarknetStyle::kDarknet);
    EXPECT_EQ(4 * floats(network) + kHeaderBytes, bytes) << name;
    EXPECT_EQ(network.section_outputs.size(), sections) << name;
    EXPECT_EQ(network.heads.back().new_coords,
              name == std::string("yolov4-csp") || name == std::string("yolov7-tiny"))
        << name;
  }
}

TEST(DarknetGraph, gives_the_raw_maps_of_the_yolo_sections) {
  const DarknetGraph network = build_model("yolov3-spp", 320, DarknetStyle::kAlphaPose);
  ASSERT_EQ(network.graph.outputs.size(), 3u);
  EXPECT_EQ(shape_text(network, 88), "255x10x10");
  EXPECT_EQ(shape_text(network, 100), "255x20x20");
  EXPECT_EQ(shape_text(network, 112), "255x40x40");
  EXPECT_EQ(network.graph.outputs,
            (std::vector<NodeId>{network.section_outputs[88], network.section_outputs[100],
                                 network.section_outputs[112]}));
  EXPECT_EQ(network.heads[0].anchors_w, (std::vector<float>{116, 156, 373}));
  EXPECT_EQ(network.heads[2].anchors_h, (std::vector<float>{13, 30, 23}));
  EXPECT_EQ(shape_text(network, 83), "2048x10x10");
}

TEST(DarknetGraph, lists_parameters_in_the_order_of_the_file) {
  const DarknetGraph network = build(
      "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\nactivation=leaky\n"
      "[convolutional]\nfilters=6\ngroups=2\nactivation=linear\n"
      "[yolo]\nanchors=3,4\nclasses=1\n");
  std::vector<std::string> keys;
  for (const DarknetTensor& t : network.file_order) keys.push_back(t.key);
  EXPECT_EQ(keys,
            (std::vector<std::string>{"0.bn.bias", "0.bn.weight", "0.bn.running_mean", "0.bn.running_var",
                                      "0.conv.weight", "1.conv.bias", "1.conv.weight"}));
  EXPECT_EQ(network.file_order.back().shape, (std::vector<std::int64_t>{6, 2, 1, 1}));
}

TEST(DarknetGraph, pools_as_the_style_says) {
  const std::string pools =
      "[maxpool]\nsize=2\nstride=1\n[maxpool]\nsize=5\nstride=1\n[maxpool]\nsize=2\nstride=2\n"
      "[maxpool]\nsize=3\nstride=2\n";
  const DarknetGraph darknet = build(pools + kHead);
  EXPECT_EQ(shape_text(darknet, 0), "3x32x64");
  EXPECT_EQ(shape_text(darknet, 1), "3x32x64");
  EXPECT_EQ(shape_text(darknet, 2), "3x16x32");
  EXPECT_EQ(shape_text(darknet, 3), "3x8x16");
  const Node& even = darknet.graph[darknet.section_outputs[0]];
  EXPECT_EQ(even.pad, 0);
  EXPECT_EQ(even.pad_end, 1);
  EXPECT_FALSE(even.pad_with_zeros);

  const DarknetGraph alphapose = build(pools + kHead, 0, DarknetStyle::kAlphaPose);
  EXPECT_EQ(shape_text(alphapose, 0), "3x31x63");
  EXPECT_EQ(shape_text(alphapose, 1), "3x31x63");
  EXPECT_EQ(shape_text(alphapose, 2), "3x15x31");
  EXPECT_EQ(shape_text(alphapose, 3), "3x7x15");
  const Node& odd = alphapose.graph[alphapose.section_outputs[1]];
  EXPECT_EQ(odd.pad, 2);
  EXPECT_TRUE(odd.pad_with_zeros);
}

TEST(DarknetGraph, adds_to_the_variance_what_the_style_says) {
  const std::string conv = "[conv]\nbatch_normalize=1\nfilters=3\n";
  for (const auto& [style, eps] :
       {std::pair{DarknetStyle::kDarknet, 1e-6}, {DarknetStyle::kAlphaPose, 1e-5}}) {
    const DarknetGraph network = build(conv + kHead, 0, style);
    EXPECT_EQ(network.graph.nodes.at(2).op, Op::kBatchNorm);
    EXPECT_EQ(network.graph.nodes.at(2).eps, eps);
  }
}

TEST(DarknetGraph, tells_why_yolov3_tiny_cannot_run_with_the_pools_of_alphapose) {
  try {
    build_model("yolov3-tiny", 416, DarknetStyle::kAlphaPose);
    FAIL();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("section 20 [route]"), std::string::npos) << message;
    EXPECT_NE(message.find("24x24"), std::string::npos) << message;
    EXPECT_NE(message.find("darknet rules"), std::string::npos) << message;
  }
  EXPECT_NO_THROW(build_model("yolov3-tiny", 416, DarknetStyle::kDarknet));
}

/// Half of the channels goes through two convolutions and joins the rest: what yolov4-tiny is made of; then
/// mish, pools of three sizes over one map and a shortcut with an activation, as in yolov4.
TEST(DarknetGraph, builds_the_constructs_of_yolov4) {
  const DarknetGraph network = build(
      "[convolutional]\nbatch_normalize=1\nfilters=8\nsize=3\npad=1\nactivation=mish\n"
      "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n"
      "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\nactivation=leaky\n"
      "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\nactivation=leaky\n"
      "[route]\nlayers=-1,-2\n"
      "[convolutional]\nbatch_normalize=1\nfilters=8\nsize=1\nactivation=swish\n"
      "[route]\nlayers=0,-1\n"
      "[maxpool]\nstride=1\nsize=5\n[route]\nlayers=-2\n[maxpool]\nstride=1\nsize=9\n[route]\nlayers=-4\n"
      "[maxpool]\nstride=1\nsize=13\n[route]\nlayers=-1,-3,-5,-6\n"
      "[shortcut]\nfrom=-1\nactivation=relu6\n"
      "[upsample]\nstride=4\n[dropout]\n" +
      kHead);
  const Node& half = network.graph[network.section_outputs[1]];
  EXPECT_EQ(half.op, Op::kSlice);
  EXPECT_EQ(half.slice_begin, 4);
  EXPECT_EQ(shape_text(network, 1), "4x32x64");
  EXPECT_EQ(shape_text(network, 4), "8x32x64");
  EXPECT_EQ(shape_text(network, 6), "16x32x64");
  EXPECT_EQ(shape_text(network, 12), "64x32x64");
  EXPECT_EQ(network.graph[network.section_outputs[0]].activation, Activation::kMish);
  EXPECT_EQ(network.graph[network.section_outputs[5]].activation, Activation::kSwish);
  EXPECT_EQ(network.graph[network.section_outputs[13]].activation, Activation::kRelu6);
  EXPECT_EQ(shape_text(network, 15), "64x128x256");
  EXPECT_EQ(network.section_outputs[14], network.section_outputs[15]);
  EXPECT_EQ(network.section_outputs[8], network.section_outputs[6]);
}

TEST(DarknetGraph, adds_several_maps_in_one_shortcut) {
  const DarknetGraph network =
      build("[conv]\nfilters=3\n[conv]\nfilters=3\n[shortcut]\nfrom=-2,-1\n" + kHead);
  const Node& sum = network.graph[network.section_outputs[2]];
  EXPECT_EQ(sum.inputs, (std::vector<NodeId>{network.section_outputs[1], network.section_outputs[0],
                                             network.section_outputs[1]}));
}

TEST(DarknetStyle, belongs_to_the_detector_rules) {
  EXPECT_EQ(darknet_style("alphapose"), DarknetStyle::kAlphaPose);
  EXPECT_EQ(darknet_style("darknet"), DarknetStyle::kDarknet);
  EXPECT_THROW(darknet_style("yolo"), Error);
}

TEST(DarknetGraph, takes_another_input_side) {
  const DarknetGraph network = build(kHead, 96);
  EXPECT_EQ(network.graph.nodes[0].shape.h, 96);
  EXPECT_EQ(network.graph.nodes[0].shape.w, 96);
  for (const int side : {1, 32, 33, -64, 100, 16384}) {
    try {
      build(kHead, side);
      ADD_FAILURE() << side;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
  }
}

TEST(DarknetGraph, names_the_section_that_does_not_fit) {
  expect_error("[conv]\nfilters=6\n", ErrorKind::kUnsupported, "no [yolo] section");
  expect_error("[conv]\nfilters=7\n[yolo]\nanchors=3,4\nclasses=1\n", ErrorKind::kFormat,
               "x.cfg:6: section 1 [yolo]: the map before it has 7 channels");
  expect_error(kHead + kHead, ErrorKind::kFormat, "x.cfg:10: section 2 [conv");
  expect_error(kHead + "[route]\nlayers=1\n", ErrorKind::kFormat, "not a map");
  expect_error("[conv]\nfilters=4\n[shortcut]\nfrom=-1\n[conv]\nfilters=5\n[shortcut]\nfrom=0\n" + kHead,
               ErrorKind::kMismatch, "section 3 [shortcut]");
  expect_error("[conv]\nfilters=4\n[maxpool]\nstride=2\n[route]\nlayers=0,1\n" + kHead, ErrorKind::kMismatch,
               "section 2 [route]");
  expect_error("[conv]\nfilters=4\ngroups=2\n", ErrorKind::kFormat, "groups=2");
  expect_error("[route]\nlayers=0\n", ErrorKind::kFormat, "x.cfg:5");
  expect_error("[conv]\nfilters=3\n[route]\nlayers=0\ngroups=2\n", ErrorKind::kFormat,
               "section 1 [route]: 3 channels");
  expect_error("[conv]\nsize=65\nfilters=2\n", ErrorKind::kMismatch, "section 0 [conv]");
}

TEST(DarknetGraph, refuses_networks_beyond_any_sensible_size) {
  std::string grow;
  for (int i = 0; i < 5; ++i) grow += "[upsample]\nstride=64\n";
  expect_error(grow + kHead, ErrorKind::kUnsupported, "too large");
  std::string heavy = "[maxpool]\nsize=32\nstride=32\npadding=0\n";
  for (int i = 0; i < 3; ++i) heavy += "[conv]\nfilters=65536\n";
  expect_error(heavy + kHead, ErrorKind::kUnsupported, "too many weights");
}

TEST(DarknetGraph, fits_the_published_weight_files) {
  for (const auto& [cfg, weights] : std::vector<std::pair<std::string, std::string>>{
           {"models/detector/yolo-fastest-1.1-xl.cfg", "models/detector/yolo-fastest-1.1-xl.weights"},
           {"models/detector/yolo-fastest-1.1.cfg", "models/detector/yolo-fastest-1.1.weights"},
           {"models/detector/yolo-fastest-1.1_body.cfg", "models/detector/yolo-fastest-1.1_body.weights"},
           {"models/detector/MobileNetV2-YOLOv3-Nano-coco.cfg",
            "models/detector/MobileNetV2-YOLOv3-Nano-coco.weights"},
           {"weight_files/yoloface-50k.cfg", "weight_files/yoloface-50k.weights"}}) {
    if (test::shared_path(cfg).empty()) GTEST_SKIP() << "no shared files";
    const DarknetGraph network =
        build_darknet(read_darknet_cfg(test::shared_path(cfg)), 0, DarknetStyle::kDarknet);
    EXPECT_NO_THROW(read_darknet_weights(test::shared_path(weights), network.file_order)) << cfg;
  }
}

TEST(DarknetGraph, reads_the_numbers_that_a_published_file_holds) {
  const std::string expected = test::shared_path("weight_files/expected.json");
  if (expected.empty()) GTEST_SKIP() << "no shared files";
  const DarknetGraph network = build_darknet(
      read_darknet_cfg(test::shared_path("weight_files/yoloface-50k.cfg")), 0, DarknetStyle::kDarknet);
  const TensorFile file =
      read_darknet_weights(test::shared_path("weight_files/yoloface-50k.weights"), network.file_order);
  double sum = 0;
  for (const TensorView& view : file.tensors()) {
    for (std::int64_t i = 0; i < view.elements(); ++i) {
      float value = 0;
      std::memcpy(&value, view.data + i * 4, sizeof value);
      sum += static_cast<double>(value);
    }
  }
  const auto face = nlohmann::json::parse(test::read_text(expected)).at("yoloface-50k.weights");
  EXPECT_NEAR(sum, face.at("sum").get<double>(), 1e-4 * face.at("sum").get<double>());
  EXPECT_EQ(floats(network), face.at("floats"));
}

TEST(DarknetGraph, says_that_a_partial_file_is_partial) {
  const std::string cfg = test::shared_path("weight_files/MobileNetV2-YOLO-Fastest-voc.cfg");
  if (cfg.empty()) GTEST_SKIP() << "no shared files";
  const DarknetGraph network = build_darknet(read_darknet_cfg(cfg), 0, DarknetStyle::kDarknet);
  try {
    read_darknet_weights(test::shared_path("weight_files/MobileNetV2-YOLO-Fastest.conv.57"),
                         network.file_order);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
    EXPECT_NE(std::string(error.what()).find("partial file"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pose
