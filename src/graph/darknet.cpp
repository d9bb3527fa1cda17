#include "graph/darknet.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/lookup.h"
#include "graph/builder.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr int kSideStep = 32, kMinSide = 64, kMaxSide = 8192;
constexpr std::int64_t kMaxMapElements = std::int64_t{1} << 28;  // 1 GiB of f32 for one layer's result
constexpr std::int64_t kMaxWeights = std::int64_t{1} << 31;      // of the whole network
constexpr double kAlphaPoseEps = 1e-5, kDarknetEps = 1e-6;       // of batch norms
constexpr NodeId kNoMap = -1;

struct StyleName {
  std::string_view name;
  DarknetStyle style;
};
constexpr std::array<StyleName, 3> kStyles{{{"alphapose", DarknetStyle::kAlphaPose},
                                            {"darknet", DarknetStyle::kDarknet},
                                            {"darknet-letterbox", DarknetStyle::kDarknet}}};

Activation to_graph(CfgActivation activation) {
  switch (activation) {
    case CfgActivation::kLinear: return Activation::kNone;
    case CfgActivation::kLeaky: return Activation::kLeaky;
    case CfgActivation::kRelu: return Activation::kRelu;
    case CfgActivation::kRelu6: return Activation::kRelu6;
    case CfgActivation::kLogistic: return Activation::kLogistic;
    case CfgActivation::kMish: return Activation::kMish;
    case CfgActivation::kSwish: return Activation::kSwish;
  }
  return Activation::kNone;
}

/// Walks the sections; one overload of `layer` for each kind.
class DarknetBuilder {
 public:
  DarknetBuilder(Chw input, DarknetStyle style) : style_(style), previous_(builder_.input(input)) {}

  void add(const CfgSection& section, int index) {
    prefix_ = std::to_string(index) + ".";
    previous_ = std::visit([&](const auto& layer) { return this->layer(layer); }, section.layer);
    outputs_.push_back(previous_);
    if (previous_ == kNoMap) return;
    if (previous_ > newest_) builder_.name(newest_ = previous_, prefix_ + section.name);
    const Chw& s = builder_.shape(previous_);
    if (s.c > kMaxMapElements / (s.h * s.w))
      throw Error::unsupported("a map of " + to_string(s) + " numbers is too large");
  }

  DarknetGraph finish() {
    result_.section_outputs = std::move(outputs_);
    result_.graph = builder_.finish(std::move(maps_));
    return std::move(result_);
  }

 private:
  NodeId layer(const CfgConv& c) {
    const NodeId x = output(previous_);
    ConvSpec spec;
    spec.out = c.filters;
    spec.kernel = c.size;
    spec.stride = c.stride;
    spec.groups = c.groups;
    spec.bias = !c.batch_normalize;
    spec.pad = !c.pad ? c.padding : style_ == DarknetStyle::kAlphaPose ? (c.size - 1) / 2 : c.size / 2;
    if (builder_.shape(x).c % c.groups != 0 || c.filters % c.groups != 0)
      throw Error::format(std::to_string(builder_.shape(x).c) + " channels and " + std::to_string(c.filters) +
                          " filters cannot be split into groups=" + std::to_string(c.groups));
    const std::int64_t in_group = builder_.shape(x).c / c.groups;
    weights_ += c.filters * in_group * c.size * c.size;
    if (weights_ > kMaxWeights) throw Error::unsupported("the network has too many weights");
    const std::string conv = prefix_ + "conv", bn = prefix_ + "bn";
    NodeId y = builder_.conv(x, spec, conv);
    if (c.batch_normalize) {
      y = builder_.batch_norm(y, bn, style_ == DarknetStyle::kAlphaPose ? kAlphaPoseEps : kDarknetEps);
      for (const char* tensor : {".bias", ".weight", ".running_mean", ".running_var"})
        result_.file_order.push_back({bn + tensor, {c.filters}});
    } else {
      result_.file_order.push_back({conv + ".bias", {c.filters}});
    }
    result_.file_order.push_back({conv + ".weight", {c.filters, in_group, c.size, c.size}});
    newest_ = y;
    return builder_.activation(y, to_graph(c.activation));
  }

  NodeId layer(const CfgMaxPool& p) {
    const NodeId x = output(previous_);
    if (style_ == DarknetStyle::kDarknet)
      return builder_.max_pool(x, p.size, p.stride, p.padding / 2, p.padding - p.padding / 2);
    if (p.stride > 1) return builder_.max_pool(x, p.size, p.stride, 0);
    const int pad = (p.size - 1) / 2;
    return builder_.max_pool(x, p.size, 1, pad, pad, true);
  }

  NodeId layer(const CfgUpsample& u) {
    const NodeId x = output(previous_);
    const Chw s = builder_.shape(x);
    return builder_.upsample(x, s.h * u.stride, s.w * u.stride, Interpolation::kNearest);
  }

  NodeId layer(const CfgRoute& r) {
    std::vector<NodeId> parts;
    for (const int section : r.sections) {
      const NodeId x = output(outputs_[static_cast<std::size_t>(section)]);
      if (builder_.shape(x).c % r.groups != 0)
        throw Error::format(std::to_string(builder_.shape(x).c) + " channels of section " +
                            std::to_string(section) +
                            " cannot be split into groups=" + std::to_string(r.groups));
      const std::int64_t part = builder_.shape(x).c / r.groups;
      parts.push_back(r.groups == 1 ? x : builder_.slice(x, part * r.group_id, part));
    }
    return builder_.concat(parts);
  }

  NodeId layer(const CfgShortcut& s) {
    std::vector<NodeId> terms{output(previous_)};
    for (const int section : s.sections) terms.push_back(output(outputs_[static_cast<std::size_t>(section)]));
    newest_ = builder_.add(terms);
    builder_.name(newest_, prefix_ + "sum");
    return builder_.activation(newest_, to_graph(s.activation));
  }

  NodeId layer(const CfgDropout&) { return output(previous_); }

  NodeId layer(const CfgYolo& y) {
    const NodeId x = output(previous_);
    const auto wanted = static_cast<std::int64_t>(y.anchors_w.size()) * (5 + y.classes);
    if (builder_.shape(x).c != wanted)
      throw Error::format("the map before it has " + std::to_string(builder_.shape(x).c) + " channels, but " +
                          std::to_string(y.anchors_w.size()) + " anchors and " + std::to_string(y.classes) +
                          " classes need " + std::to_string(wanted));
    maps_.push_back(x);
    result_.heads.push_back({y.anchors_w, y.anchors_h, y.classes, y.scale_x_y, y.new_coords});
    return kNoMap;
  }

  NodeId output(NodeId id) const {
    if (id == kNoMap) throw Error::format("takes the result of a yolo section, which is not a map");
    return id;
  }

  DarknetStyle style_;
  GraphBuilder builder_;
  DarknetGraph result_;
  std::vector<NodeId> outputs_, maps_;
  NodeId previous_;
  NodeId newest_ = 0;  ///< the newest node that has its name
  std::int64_t weights_ = 0;
  std::string prefix_;
};

bool is_even_pool(const CfgSection& section) {
  const auto* pool = std::get_if<CfgMaxPool>(&section.layer);
  return pool && pool->stride == 1 && pool->size % 2 == 0;
}

/// What to try when sections do not fit together.
std::string hint(const DarknetCfg& cfg, DarknetStyle style) {
  const bool even = std::any_of(cfg.sections.begin(), cfg.sections.end(), is_even_pool);
  if (style == DarknetStyle::kDarknet || !even) return "";
  return "; AlphaPose's pools of even size shrink the map, so this network only runs with the darknet rules";
}

}  // namespace

DarknetStyle darknet_style(std::string_view rules) { return lookup(kStyles, rules, "detector rules").style; }

DarknetGraph build_darknet(const DarknetCfg& cfg, int side, DarknetStyle style) {
  if (side != 0 && (side % kSideStep != 0 || side < kMinSide || side > kMaxSide))
    throw Error::usage("the side of the detector's input must be a multiple of " + std::to_string(kSideStep) +
                       " from " + std::to_string(kMinSide) + " to " + std::to_string(kMaxSide) + ", not " +
                       std::to_string(side));
  DarknetBuilder builder({3, side ? side : cfg.height, side ? side : cfg.width}, style);
  for (std::size_t i = 0; i < cfg.sections.size(); ++i) {
    try {
      builder.add(cfg.sections[i], static_cast<int>(i));
    } catch (const Error& error) {
      throw Error(error.kind(), cfg.at(static_cast<int>(i), error.what()) + hint(cfg, style));
    }
  }
  DarknetGraph network = builder.finish();
  if (network.heads.empty())
    throw Error::unsupported(cfg.file +
                             ": no [yolo] section, so this network is not a detector that can be used here");
  return network;
}

}  // namespace pose
