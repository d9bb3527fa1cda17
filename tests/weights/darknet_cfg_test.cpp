#include "weights/darknet_cfg.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pose/error.h"
#include "pose/log.h"
#include "support/files.h"

namespace pose {
namespace {

const std::string kNet = "[net]\nwidth=64\nheight=96\n";  // three lines

DarknetCfg parse(const std::string& text) { return parse_darknet_cfg(text, "x.cfg"); }

/// The layer of the last section of `text` behind [net].
template <typename Layer>
Layer last(const std::string& text) {
  return std::get<Layer>(parse(kNet + text).sections.back().layer);
}

void expect_error(const std::string& text, ErrorKind kind, const std::string& part) {
  try {
    parse(text);
    FAIL() << "no error for: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

/// Warnings that `text` leads to.
std::vector<std::string> warnings(const std::string& text) {
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel, std::string_view message) { messages.emplace_back(message); });
  parse(text);
  set_log_sink(nullptr);
  return messages;
}

TEST(DarknetCfg, reads_a_convolution) {
  const auto conv = last<CfgConv>(
      "[convolutional]\nbatch_normalize=1\nfilters=24\nsize=3\nstride=2\npad=1\ngroups=4\n"
      "activation=leaky\n");
  EXPECT_EQ(conv.filters, 24);
  EXPECT_EQ(conv.size, 3);
  EXPECT_EQ(conv.stride, 2);
  EXPECT_EQ(conv.groups, 4);
  EXPECT_TRUE(conv.batch_normalize);
  EXPECT_TRUE(conv.pad);
  EXPECT_EQ(conv.activation, CfgActivation::kLeaky);
}

TEST(DarknetCfg, leaves_out_settings_as_darknet_does) {
  const auto conv = last<CfgConv>("[convolutional]\n");
  EXPECT_EQ(conv.filters, 1);
  EXPECT_EQ(conv.size, 1);
  EXPECT_FALSE(conv.pad);
  EXPECT_EQ(conv.activation, CfgActivation::kLogistic);
  const auto pool = last<CfgMaxPool>("[maxpool]\nstride=3\n");
  EXPECT_EQ(pool.size, 3);
  EXPECT_EQ(pool.padding, 2);
}

TEST(DarknetCfg, knows_all_activations) {
  const std::vector<std::pair<std::string, CfgActivation>> all{
      {"linear", CfgActivation::kLinear},     {"leaky", CfgActivation::kLeaky},
      {"relu", CfgActivation::kRelu},         {"relu6", CfgActivation::kRelu6},
      {"logistic", CfgActivation::kLogistic}, {"mish", CfgActivation::kMish},
      {"swish", CfgActivation::kSwish}};
  for (const auto& [name, value] : all)
    EXPECT_EQ(last<CfgConv>("[convolutional]\nactivation=" + name + "\n").activation, value) << name;
  expect_error(kNet + "[convolutional]\nactivation=selu\n", ErrorKind::kUnsupported,
               "x.cfg:5: activation 'selu'");
}

TEST(DarknetCfg, makes_section_numbers_absolute) {
  const std::string conv = "[convolutional]\n";
  EXPECT_EQ(last<CfgRoute>(conv + conv + conv + "[route]\nlayers=-1, 0,-3\n").sections,
            (std::vector<int>{2, 0, 0}));
  EXPECT_EQ(last<CfgShortcut>(conv + conv + conv + "[shortcut]\nfrom=-2,0\n").sections,
            (std::vector<int>{1, 0}));
  for (const char* bad : {"-2", "1", "5", "-2147483648", "2147483647"})
    expect_error(kNet + conv + "[route]\nlayers=" + bad + "\n", ErrorKind::kFormat, "x.cfg:6:");
  expect_error(kNet + conv + "[route]\n", ErrorKind::kFormat, "x.cfg:5: needs layers=");
}

TEST(DarknetCfg, reads_route_groups) {
  const auto route = last<CfgRoute>("[conv]\n[route]\nlayers=-1\ngroups=2\ngroup_id=1\n");
  EXPECT_EQ(route.groups, 2);
  EXPECT_EQ(route.group_id, 1);
  expect_error(kNet + "[conv]\n[route]\nlayers=-1\ngroups=2\ngroup_id=2\n", ErrorKind::kFormat,
               "x.cfg:8: group_id");
}

TEST(DarknetCfg, reads_the_masked_anchors_of_a_yolo_section) {
  const auto yolo =
      last<CfgYolo>("[yolo]\nmask = 2,0\nanchors = 1,2, 3.5,4, 5,6\nnum=3\nclasses=7\nscale_x_y = 1.05\n");
  EXPECT_EQ(yolo.anchors_w, (std::vector<float>{5, 1}));
  EXPECT_EQ(yolo.anchors_h, (std::vector<float>{6, 2}));
  EXPECT_EQ(yolo.classes, 7);
  EXPECT_FLOAT_EQ(yolo.scale_x_y, 1.05f);
  EXPECT_FALSE(yolo.new_coords);
  EXPECT_TRUE(last<CfgYolo>("[yolo]\nanchors=1,2\nnew_coords=1\n").new_coords);
  EXPECT_EQ(last<CfgYolo>("[yolo]\nanchors=1,2,3,4\n").anchors_w.size(), 2u);  // without a mask: all
  EXPECT_EQ(last<CfgYolo>("[yolo]\nanchors=1,2\n").classes, 20);               // Darknet's default
}

TEST(DarknetCfg, refuses_yolo_sections_that_make_no_sense) {
  const std::string yolo = kNet + "[yolo]\n";
  expect_error(yolo, ErrorKind::kFormat, "x.cfg:4: anchors=");
  expect_error(yolo + "anchors=1,2,3\n", ErrorKind::kFormat, "pairs");
  expect_error(yolo + "anchors=1,nan\n", ErrorKind::kFormat, "positive");
  expect_error(yolo + "anchors=1,-2\n", ErrorKind::kFormat, "positive");
  expect_error(yolo + "anchors=1,x\n", ErrorKind::kFormat, "x.cfg:5: anchors must be numbers");
  expect_error(yolo + "anchors=1,2\nnum=2\n", ErrorKind::kFormat, "num=2");
  expect_error(yolo + "anchors=1,2\nmask=1\n", ErrorKind::kFormat, "anchor 1 of 1");
  expect_error(yolo + "anchors=1,2\nmask=\n", ErrorKind::kFormat, "mask=");
  expect_error(yolo + "anchors=1,2\nclasses=0\n", ErrorKind::kFormat, "classes");
  expect_error(yolo + "anchors=1,2\nnew_coords=2\n", ErrorKind::kFormat, "x.cfg:6: new_coords");
}

TEST(DarknetCfg, skips_comments_blanks_and_line_ends_of_all_kinds) {
  const DarknetCfg cfg =
      parse("\xef\xbb\xbf# head\r\n ; old\r\n\r\n[net]\r\n\twidth = 3 2 # side\r\nheight=32\r\n[dropout]");
  EXPECT_EQ(cfg.width, 32);
  EXPECT_EQ(cfg.sections.at(0).line, 7);
}

TEST(DarknetCfg, refuses_what_it_would_compute_wrongly) {
  for (const char* setting : {"dilation=2", "stride_x=2", "antialiasing=1", "xnor=1"})
    expect_error(kNet + "[convolutional]\n" + setting + "\n", ErrorKind::kUnsupported,
                 "x.cfg:5: [convolutional] with ");
  expect_error(kNet + "[conv]\n[shortcut]\nfrom=-1\nweights_type=per_feature\n", ErrorKind::kUnsupported,
               "weights_type");
  expect_error(kNet + "[upsample]\nscale=2\n", ErrorKind::kUnsupported, "scale=2");
  expect_error("[net]\nwidth=32\nheight=32\nchannels=1\n[conv]\n", ErrorKind::kUnsupported, "x.cfg:4:");
  EXPECT_NO_THROW(parse(kNet + "[convolutional]\ndilation=1\nantialiasing=0\n[upsample]\nscale=1.0\n"));
}

TEST(DarknetCfg, names_unknown_sections_with_their_line) {
  expect_error(kNet + "\n[reorg3d]\nstride=2\n", ErrorKind::kUnsupported, "x.cfg:5: section [reorg3d]");
  expect_error(kNet + "[yolo\n", ErrorKind::kFormat, "x.cfg:4:");
  expect_error(kNet + "[]\n", ErrorKind::kFormat, "x.cfg:4:");
}

TEST(DarknetCfg, refuses_values_that_are_no_numbers_or_out_of_range) {
  const std::string conv = kNet + "[convolutional]\n";
  for (const char* bad : {"", "a", "3x", "-1", "0", "65537", "99999999999999999999", "1.5", "0x10"})
    expect_error(conv + "filters=" + bad + "\n", ErrorKind::kFormat,
                 "x.cfg:5: filters must be a whole number from 1 to");
  expect_error(conv + "size=4096\n", ErrorKind::kFormat, "size");
  expect_error(kNet + "[maxpool]\nsize=3\npadding=5\n", ErrorKind::kFormat, "padding");
}

TEST(DarknetCfg, refuses_contradicting_settings_but_not_repeated_ones) {
  expect_error(kNet + "[conv]\nsize=3\nsize=1\n", ErrorKind::kFormat,
               "x.cfg:6: size has another value in line 5");
  EXPECT_EQ(last<CfgConv>("[conv]\nsize=3\nsize=3\n").size, 3);
}

TEST(DarknetCfg, needs_a_net_section_with_a_size) {
  expect_error("", ErrorKind::kFormat, "begins with [net]");
  expect_error("[conv]\n", ErrorKind::kFormat, "x.cfg:1: a Darknet cfg begins with [net]");
  expect_error("width=3\n", ErrorKind::kFormat, "x.cfg:1:");
  expect_error("[net]\nwidth=32\n[conv]\n", ErrorKind::kFormat, "height=");
  expect_error("[net]\nwidth=9000\nheight=32\n[conv]\n", ErrorKind::kFormat, "width");
  expect_error(kNet, ErrorKind::kFormat, "no layer");
  expect_error(std::string("\x89PNG\r\n\x1a\n\0\0", 10), ErrorKind::kFormat, "x.cfg:1:");
}

TEST(DarknetCfg, warns_of_unknown_settings_and_is_silent_about_training) {
  EXPECT_TRUE(warnings(kNet + "learning_rate=0.1\nburn_in=3\n[dropout]\nprobability=.2\n").empty());
  const auto seen = warnings(kNet + "[convolutional]\nfliters=3\n");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0], "x.cfg:5: [convolutional] has no setting 'fliters' that this program knows; ignored");
}

TEST(DarknetCfg, survives_any_damage_to_a_real_file) {
  const std::string good = test::read_text(test::data_path("../../models/yolov3-tiny.cfg"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', '=', '[', '\n', '9', '-', '\xff'}) {
      std::string bad = good;
      bad[i] = c;
      try {
        parse(bad);
      } catch (const Error&) {
      }
    }
    try {
      parse(good.substr(0, i));
    } catch (const Error&) {
    }
  }
}

TEST(DarknetCfg, limits_its_size) {
  expect_error(std::string(5'000'000, '\n'), ErrorKind::kFormat, "bytes");
  std::string many = kNet;
  for (int i = 0; i < 10'001; ++i) many += "[dropout]\n";
  expect_error(many, ErrorKind::kFormat, "sections");
}

TEST(DarknetCfg, reads_its_own_models_without_a_warning) {
  for (const auto& [name, sections] : std::vector<std::pair<std::string, std::size_t>>{{"yolov3", 107},
                                                                                       {"yolov3-spp", 114},
                                                                                       {"yolov3-tiny", 24},
                                                                                       {"yolov4", 162},
                                                                                       {"yolov4-tiny", 38},
                                                                                       {"yolov4-csp", 175},
                                                                                       {"yolov7-tiny", 99}}) {
    const std::string text = test::read_text(test::data_path("../../models/" + name + ".cfg"));
    EXPECT_EQ(parse(text).sections.size(), sections) << name;
    EXPECT_TRUE(warnings(text).empty()) << name;
  }
}

TEST(DarknetCfg, reads_published_files_without_a_warning) {
  for (const char* file :
       {"models/detector/yolo-fastest-1.1-xl.cfg", "models/detector/yolo-fastest-1.1.cfg",
        "models/detector/yolo-fastest-1.1_body.cfg", "models/detector/MobileNetV2-YOLOv3-Nano-coco.cfg",
        "weight_files/yoloface-50k.cfg", "weight_files/MobileNetV2-YOLO-Fastest-voc.cfg"}) {
    if (test::shared_path(file).empty()) GTEST_SKIP() << "no shared files";
    EXPECT_TRUE(warnings(test::read_text(test::shared_path(file))).empty()) << file;
  }
}

TEST(DarknetCfg, reports_a_missing_file) {
  try {
    read_darknet_cfg("/nowhere/x.cfg");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  }
}

}  // namespace
}  // namespace pose
