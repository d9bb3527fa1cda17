#include "weights/darknet_cfg.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/read_file.h"
#include "pose/error.h"
#include "weights/darknet_text.h"

namespace pose {
namespace {

// Far above every published network, low enough that no product of two overflows an int64.
constexpr int kMaxSide = 8192;
constexpr int kMaxFilters = 65'536;
constexpr int kMaxKernel = 127;
constexpr int kMaxStride = 64;
constexpr int kMaxClasses = 100'000;
constexpr std::size_t kMaxAnchors = 1'000;
constexpr float kMaxAnchor = 1e6f;

struct ActivationName {
  std::string_view name;
  CfgActivation value;
};
constexpr std::array<ActivationName, 8> kActivations{{{"linear", CfgActivation::kLinear},
                                                      {"leaky", CfgActivation::kLeaky},
                                                      {"relu", CfgActivation::kRelu},
                                                      {"relu6", CfgActivation::kRelu6},
                                                      {"logistic", CfgActivation::kLogistic},
                                                      {"mish", CfgActivation::kMish},
                                                      {"swish", CfgActivation::kSwish},
                                                      {"silu", CfgActivation::kSwish}}};

using Layer = decltype(CfgSection::layer);

/// What a section parser sees: its own settings and how many sections come before it.
struct Context {
  CfgReader& in;
  int index;
};

CfgActivation activation(CfgReader& in, const std::string& fallback) {
  const std::string name = in.text("activation", fallback);
  std::string known;
  for (const ActivationName& row : kActivations) {
    if (row.name == name) return row.value;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error::unsupported(
      in.at("activation", "activation '" + name.substr(0, 40) + "' is not supported (known: " + known + ")"));
}

/// Section numbers: negative ones count back from this section.
std::vector<int> earlier_sections(const Context& c, const std::string& key) {
  std::vector<int> sections = c.in.integers(key);
  if (sections.empty()) throw Error::format(c.in.at(key, "needs " + key + "=, the sections that it takes"));
  for (int& section : sections) {
    const std::int64_t absolute = section < 0 ? std::int64_t{c.index} + section : section;
    if (absolute < 0 || absolute >= c.index)
      throw Error::format(c.in.at(key, key + "=" + std::to_string(section) + " is not one of the " +
                                           std::to_string(c.index) + " sections before this one"));
    section = static_cast<int>(absolute);
  }
  return sections;
}

Layer parse_conv(const Context& c) {
  CfgConv conv;
  conv.filters = c.in.integer("filters", 1, 1, kMaxFilters);
  conv.size = c.in.integer("size", 1, 1, kMaxKernel);
  conv.stride = c.in.integer("stride", 1, 1, kMaxStride);
  conv.groups = c.in.integer("groups", 1, 1, kMaxFilters);
  conv.batch_normalize = c.in.flag("batch_normalize");
  conv.pad = c.in.integer("pad", 0, 0, kMaxKernel) != 0;
  conv.padding = c.in.integer("padding", 0, 0, kMaxKernel);
  conv.activation = activation(c.in, "logistic");
  const std::string stride = std::to_string(conv.stride);
  c.in.require("stride_x", stride);
  c.in.require("stride_y", stride);
  c.in.require("dilation", "1");
  for (const char* key : {"antialiasing", "binary", "xnor", "flipped", "assisted_excitation", "deform",
                          "rotate", "stretch", "sway", "stretch_sway", "coordconv", "cbn"})
    c.in.require(key, "0");
  c.in.require("share_index", "-1000000000");
  return conv;
}

Layer parse_max_pool(const Context& c) {
  CfgMaxPool pool;
  pool.stride = c.in.integer("stride", 1, 1, kMaxStride);
  pool.size = c.in.integer("size", pool.stride, 1, kMaxKernel);
  // Up to this default every window still touches the map.
  pool.padding = c.in.integer("padding", pool.size - 1, 0, pool.size - 1);
  const std::string stride = std::to_string(pool.stride);
  c.in.require("stride_x", stride);
  c.in.require("stride_y", stride);
  c.in.require("maxpool_depth", "0");
  c.in.require("antialiasing", "0");
  return pool;
}

Layer parse_upsample(const Context& c) {
  CfgUpsample upsample;
  upsample.stride = c.in.integer("stride", 2, 1, kMaxStride);
  c.in.require("scale", "1");
  c.in.require("reverse", "0");
  return upsample;
}

Layer parse_route(const Context& c) {
  CfgRoute route;
  route.sections = earlier_sections(c, "layers");
  route.groups = c.in.integer("groups", 1, 1, kMaxFilters);
  route.group_id = c.in.integer("group_id", 0, 0, route.groups - 1);
  return route;
}

Layer parse_shortcut(const Context& c) {
  CfgShortcut shortcut;
  shortcut.sections = earlier_sections(c, "from");
  shortcut.activation = activation(c.in, "linear");
  c.in.require("weights_type", "none");
  c.in.require("weights_normalization", "none");
  return shortcut;
}

Layer parse_dropout(const Context&) { return CfgDropout{}; }

Layer parse_yolo(const Context& c) {
  CfgYolo yolo;
  yolo.classes = c.in.integer("classes", yolo.classes, 1, kMaxClasses);
  yolo.scale_x_y = c.in.number("scale_x_y", 1.0f, 0.01f, 100.0f);
  yolo.new_coords = c.in.flag("new_coords");
  const std::vector<float> anchors = c.in.numbers("anchors");
  const std::size_t pairs = anchors.size() / 2;
  if (pairs == 0 || anchors.size() % 2 != 0 || pairs > kMaxAnchors)
    throw Error::format(c.in.at("anchors", "anchors= must be pairs of width and height"));
  if (!std::all_of(anchors.begin(), anchors.end(), [](float v) { return v > 0 && v <= kMaxAnchor; }))
    throw Error::format(c.in.at("anchors", "an anchor is not a positive number of pixels"));
  const int num = c.in.integer("num", static_cast<int>(pairs), 1, kMaxFilters);
  if (num != static_cast<int>(pairs))
    throw Error::format(c.in.at(
        "num", "num=" + std::to_string(num) + ", but anchors= has " + std::to_string(pairs) + " pairs"));
  std::vector<int> mask(pairs);
  std::iota(mask.begin(), mask.end(), 0);
  if (c.in.has("mask")) mask = c.in.integers("mask");
  if (mask.empty() || mask.size() > kMaxAnchors)
    throw Error::format(c.in.at("mask", "mask= must name anchors"));
  for (const int i : mask) {
    if (i < 0 || i >= num)
      throw Error::format(
          c.in.at("mask", "mask names anchor " + std::to_string(i) + " of " + std::to_string(num)));
    yolo.anchors_w.push_back(anchors[static_cast<std::size_t>(i) * 2]);
    yolo.anchors_h.push_back(anchors[static_cast<std::size_t>(i) * 2 + 1]);
  }
  return yolo;
}

struct SectionKind {
  std::string_view name;
  Layer (*parse)(const Context&);
};
constexpr std::array<SectionKind, 9> kSectionKinds{{{"convolutional", &parse_conv},
                                                    {"conv", &parse_conv},
                                                    {"maxpool", &parse_max_pool},
                                                    {"max", &parse_max_pool},
                                                    {"upsample", &parse_upsample},
                                                    {"route", &parse_route},
                                                    {"shortcut", &parse_shortcut},
                                                    {"dropout", &parse_dropout},
                                                    {"yolo", &parse_yolo}}};

CfgSection parse_section(const CfgLines& lines, int index, const std::string& file) {
  CfgReader in(lines, file);
  const auto kind = std::find_if(kSectionKinds.begin(), kSectionKinds.end(),
                                 [&](const SectionKind& row) { return row.name == lines.name; });
  if (kind == kSectionKinds.end()) {
    std::string known;
    for (const SectionKind& row : kSectionKinds) known += (known.empty() ? "" : ", ") + std::string(row.name);
    throw Error::unsupported(
        in.at("", "section [" + lines.name.substr(0, 40) + "] is not supported (known: " + known + ")"));
  }
  CfgSection section{lines.name, lines.line, kind->parse({in, index})};
  in.finish();
  return section;
}

void parse_net(const CfgLines& lines, DarknetCfg& cfg) {
  CfgReader in(lines, cfg.file);
  cfg.width = in.integer("width", 0, 1, kMaxSide);
  cfg.height = in.integer("height", 0, 1, kMaxSide);
  if (cfg.width == 0 || cfg.height == 0) throw Error::format(in.at("", "[net] needs width= and height="));
  in.require("channels", "3");
  in.finish();
}

}  // namespace

std::string DarknetCfg::at(int section, const std::string& message) const {
  const CfgSection& s = sections.at(static_cast<std::size_t>(section));
  return file + ":" + std::to_string(s.line) + ": section " + std::to_string(section) + " [" + s.name +
         "]: " + message;
}

DarknetCfg parse_darknet_cfg(std::string_view text, const std::string& file) {
  const std::vector<CfgLines> sections = split_darknet_cfg(text, file);
  if (sections.empty() || (sections[0].name != "net" && sections[0].name != "network"))
    throw Error::format(file + ":" + std::to_string(sections.empty() ? 1 : sections[0].line) +
                        ": a Darknet cfg begins with [net]");
  DarknetCfg cfg;
  cfg.file = file;
  parse_net(sections[0], cfg);
  for (std::size_t i = 1; i < sections.size(); ++i)
    cfg.sections.push_back(parse_section(sections[i], static_cast<int>(i) - 1, file));
  if (cfg.sections.empty()) throw Error::format(file + ": no layer after [net]");
  return cfg;
}

DarknetCfg read_darknet_cfg(const std::string& path) {
  return parse_darknet_cfg(text_of(read_file(path, kLargestTextFile)), path);
}

}  // namespace pose
