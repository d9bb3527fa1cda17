// Every range of a Darknet cfg: the first and last value that is read.

#include <gtest/gtest.h>

#include <string>

#include "pose/error.h"
#include "weights/darknet_cfg.h"
#include "weights/darknet_text.h"

namespace pose {
namespace {

const std::string kNet = "[net]\nwidth=64\nheight=96\n";

bool reads(const std::string& text) {
  try {
    parse_darknet_cfg(text, "x.cfg");
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat) << error.what();
    EXPECT_EQ(std::string(error.what()).substr(0, 6), "x.cfg:") << error.what();
    return false;
  }
}

TEST(DarknetLimits, EveryWholeNumberHasItsRange) {
  struct Range {
    std::string before, key;
    int low, high;
  };
  const std::string conv = kNet + "[convolutional]\n", pool = kNet + "[maxpool]\n";
  for (const Range& r : {Range{conv, "filters", 1, 65536},
                         {conv, "size", 1, 127},
                         {conv, "stride", 1, 64},
                         {conv, "groups", 1, 65536},
                         {conv, "pad", 0, 127},
                         {conv, "padding", 0, 127},
                         {conv, "batch_normalize", 0, 1},
                         {pool, "stride", 1, 64},
                         {pool, "size", 1, 127},
                         {pool + "size=5\n", "padding", 0, 4},
                         {kNet + "[upsample]\n", "stride", 1, 64},
                         {kNet + "[conv]\n[route]\nlayers=0\n", "groups", 1, 65536},
                         {kNet + "[conv]\n[route]\nlayers=0\ngroups=4\n", "group_id", 0, 3},
                         {kNet + "[yolo]\nanchors=1,2\n", "classes", 1, 100000}}) {
    for (const int good : {r.low, r.high})
      EXPECT_TRUE(reads(r.before + r.key + "=" + std::to_string(good) + "\n")) << r.key << good;
    for (const int bad : {r.low - 1, r.high + 1})
      EXPECT_FALSE(reads(r.before + r.key + "=" + std::to_string(bad) + "\n")) << r.key << bad;
  }
  const auto net = [](int width, int height) {
    return reads("[net]\nwidth=" + std::to_string(width) + "\nheight=" + std::to_string(height) +
                 "\n[dropout]\n");
  };
  EXPECT_TRUE(net(1, 1));
  EXPECT_TRUE(net(8192, 8192));
  EXPECT_FALSE(net(8193, 1));
  EXPECT_FALSE(net(1, 8193));
  EXPECT_FALSE(net(0, 1));
  EXPECT_FALSE(net(1, 0));
}

TEST(DarknetLimits, NumbersOfYoloSections) {
  const auto yolo = [](const std::string& settings) { return reads(kNet + "[yolo]\n" + settings); };
  EXPECT_TRUE(yolo("anchors=1,2\nscale_x_y=0.01\n"));
  EXPECT_TRUE(yolo("anchors=1,2\nscale_x_y=100\n"));
  EXPECT_FALSE(yolo("anchors=1,2\nscale_x_y=0.009\n"));
  EXPECT_FALSE(yolo("anchors=1,2\nscale_x_y=100.1\n"));
  EXPECT_TRUE(yolo("anchors=0.001,1000000\n"));
  EXPECT_FALSE(yolo("anchors=0,2\n"));
  EXPECT_FALSE(yolo("anchors=1,1000001\n"));
  const auto pairs = [](int count) {
    std::string list = "anchors=1,2";
    for (int i = 1; i < count; ++i) list += ",3,4";
    return list + "\n";
  };
  EXPECT_TRUE(yolo(pairs(1000)));
  EXPECT_FALSE(yolo(pairs(1001)));
  EXPECT_TRUE(yolo("anchors=1,2,3,4\nmask=1,0,0\n"));
  EXPECT_FALSE(yolo("anchors=1,2,3,4\nmask=2\n"));
  EXPECT_FALSE(yolo("anchors=1,2,3,4\nmask=-1\n"));
  EXPECT_TRUE(yolo("anchors=1,2,3,4\nnum=2\n"));
  EXPECT_FALSE(yolo("anchors=1,2,3,4\nnum=1\n"));
  std::string mask = "anchors=1,2\nmask=0";
  for (int i = 1; i < 1000; ++i) mask += ",0";
  EXPECT_TRUE(yolo(mask + "\n"));
  EXPECT_FALSE(yolo(mask + ",0\n"));
}

TEST(DarknetLimits, SectionsSettingsListsAndBytes) {
  std::string sections = kNet;
  for (int i = 1; i < 10'000; ++i) sections += "[dropout]\n";
  EXPECT_TRUE(reads(sections));
  EXPECT_FALSE(reads(sections + "[dropout]\n"));
  std::string entries = kNet + "[dropout]\n";
  for (int i = 0; i < 1'000; ++i) entries += "probability=1\n";
  EXPECT_TRUE(reads(entries));
  EXPECT_FALSE(reads(entries + "probability=1\n"));
  std::string list = kNet + "[conv]\n[route]\nlayers=0";
  for (int i = 1; i < 10'000; ++i) list += ",0";
  EXPECT_TRUE(reads(list + "\n"));
  EXPECT_FALSE(reads(list + ",0\n"));
  const std::string text = kNet + "[dropout]\n";
  EXPECT_TRUE(reads(text + std::string((4 << 20) - text.size(), '\n')));
  std::string long_text = text + std::string((4 << 20) - text.size() + 1, '\n');
  EXPECT_THROW(parse_darknet_cfg(long_text, "x.cfg"), Error);
}

TEST(DarknetText, SplitsLinesAsDarknetDoes) {
  const auto sections = split_darknet_cfg("[net]#x\n a = 1 ; y\nb=\n\n[x]\nc==2\n+d=+3", "x.cfg");
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(sections[0].name, "net");
  EXPECT_EQ(sections[0].line, 1);
  ASSERT_EQ(sections[0].entries.size(), 2u);
  EXPECT_EQ(sections[0].entries[0].key, "a");
  EXPECT_EQ(sections[0].entries[0].value, "1");
  EXPECT_EQ(sections[0].entries[1].value, "");
  EXPECT_EQ(sections[1].line, 5);
  EXPECT_EQ(sections[1].entries[0].value, "=2");
  EXPECT_EQ(sections[1].entries[1].line, 7);
  for (const char* bad : {"[net]\nword\n", "[net]\n=1\n", "[a\n", "[]\n", "a=1\n"})
    EXPECT_THROW(split_darknet_cfg(bad, "x.cfg"), Error) << bad;
}

TEST(DarknetText, NumbersMayHaveAPlusAndMessagesAreShort) {
  const CfgLines section{
      "x",
      3,
      {{"a", "+7", 4}, {"b", "+-7", 5}, {"c", std::string(61, 'z'), 6}, {"d", std::string(60, 'z'), 7}}};
  const std::string file = "x.cfg";
  CfgReader in(section, file);
  EXPECT_EQ(in.integer("a", 0, 7, 7), 7);
  EXPECT_EQ(in.integer("none", 5, 0, 1), 5);
  EXPECT_TRUE(in.has("b"));
  EXPECT_FALSE(in.has("none"));
  const auto message = [&](const char* key) {
    try {
      in.integer(key, 0, -9, 9);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("b"), "");
  EXPECT_EQ(message("c"),
            "x.cfg:6: c must be a whole number from -9 to 9, not '" + std::string(60, 'z') + "...'");
  EXPECT_EQ(message("d"),
            "x.cfg:7: d must be a whole number from -9 to 9, not '" + std::string(60, 'z') + "'");
  EXPECT_EQ(in.at("none", "m"), "x.cfg:3: m");
}

TEST(DarknetCfg, EveryNameOfASectionAndEveryActivationIsKnown) {
  const DarknetCfg cfg = parse_darknet_cfg(
      "[network]\nwidth=32\nheight=64\nchannels=3\n[conv]\nactivation=silu\nstride=2\nstride_x=2\nstride_y="
      "2\n[max]\nsize=3\n"
      "[upsample]\n[shortcut]\nfrom=-2\nactivation=mish\n",
      "x.cfg");
  EXPECT_EQ(cfg.width, 32);
  EXPECT_EQ(cfg.height, 64);
  EXPECT_EQ(std::get<CfgConv>(cfg.sections.at(0).layer).activation, CfgActivation::kSwish);
  EXPECT_EQ(std::get<CfgMaxPool>(cfg.sections.at(1).layer).stride, 1);
  EXPECT_EQ(std::get<CfgMaxPool>(cfg.sections[1].layer).padding, 2);
  EXPECT_EQ(std::get<CfgUpsample>(cfg.sections[2].layer).stride, 2);
  EXPECT_EQ(std::get<CfgShortcut>(cfg.sections[3].layer).activation, CfgActivation::kMish);
  EXPECT_EQ(std::get<CfgShortcut>(cfg.sections[3].layer).sections, std::vector<int>{1});
  EXPECT_EQ(cfg.at(3, "m"), "x.cfg:13: section 3 [shortcut]: m");
}

TEST(DarknetCfg, EverySettingThatItCannotFollowIsRefused) {
  const auto refused = [](const std::string& text) {
    try {
      parse_darknet_cfg(kNet + text, "x.cfg");
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kUnsupported;
    }
    return false;
  };
  for (const char* key :
       {"antialiasing", "binary", "xnor", "flipped", "assisted_excitation", "deform", "rotate", "stretch",
        "sway", "stretch_sway", "coordconv", "cbn", "share_index", "stride_x", "stride_y", "dilation"})
    EXPECT_TRUE(refused(std::string("[conv]\n") + key + "=3\n")) << key;
  for (const char* key : {"stride_x", "stride_y", "maxpool_depth", "antialiasing"})
    EXPECT_TRUE(refused(std::string("[max]\n") + key + "=3\n")) << key;
  for (const char* key : {"scale", "reverse"})
    EXPECT_TRUE(refused(std::string("[upsample]\n") + key + "=3\n")) << key;
  for (const char* key : {"weights_type", "weights_normalization"})
    EXPECT_TRUE(refused(std::string("[conv]\n[shortcut]\nfrom=0\n") + key + "=x\n")) << key;
}

}  // namespace
}  // namespace pose
