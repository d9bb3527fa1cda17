#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pose {

enum class CfgActivation { kLinear, kLeaky, kRelu, kRelu6, kLogistic, kMish, kSwish };

struct CfgConv {
  int filters = 1, size = 1, stride = 1, groups = 1;
  bool batch_normalize = false;
  bool pad = false;  ///< pad by half the size; wins over `padding`
  int padding = 0;   ///< on every side
  CfgActivation activation = CfgActivation::kLogistic;
};

struct CfgMaxPool {
  int size = 1, stride = 1;
  int padding = 0;  ///< both sides together
};

struct CfgUpsample {
  int stride = 2;
};

struct CfgRoute {
  std::vector<int> sections;  ///< whose outputs are joined, counted from 0
  int groups = 1, group_id = 0;
};

struct CfgShortcut {
  std::vector<int> sections;  ///< what is added to the output of the section before
  CfgActivation activation = CfgActivation::kLinear;
};

struct CfgDropout {};

struct CfgYolo {
  std::vector<float> anchors_w, anchors_h;  ///< the masked ones in the order of the mask, input pixels
  int classes = 20;
  float scale_x_y = 1;
  bool new_coords = false;  ///< the map holds shares from 0 to 1 already, sides are squares
};

/// One section after [net].
struct CfgSection {
  std::string name;  ///< "convolutional"
  int line = 0;      ///< where it begins
  std::variant<CfgConv, CfgMaxPool, CfgUpsample, CfgRoute, CfgShortcut, CfgDropout, CfgYolo> layer;
};

/// A network as Darknet's text format describes it. Every number was checked on its own, and sections only
/// refer to earlier ones; whether shapes fit is found out when the graph is built.
struct DarknetCfg {
  std::string file;  ///< for messages
  int width = 0, height = 0;
  std::vector<CfgSection> sections;

  /// "FILE:LINE: section 12 [route]: MESSAGE".
  std::string at(int section, const std::string& message) const;
};

/// Throws `kFormat` and `kUnsupported` with "FILE:LINE:" for whatever this program cannot follow exactly;
/// unknown settings that Darknet would ignore as well are warnings in the log.
DarknetCfg parse_darknet_cfg(std::string_view text, const std::string& file);

/// Throws `kNotFound` and `kIo` as well.
DarknetCfg read_darknet_cfg(const std::string& path);

}  // namespace pose
