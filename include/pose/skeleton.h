#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pose {

enum class Side { kMiddle, kLeft, kRight };

struct JointInfo {
  std::string_view name;  ///< "left_shoulder", ...
  Side side;
  double oks_sigma;  ///< COCO's "k" (0.026 for the nose), COCO-WholeBody's for feet; MPII has none: 0.08
};

/// The joints of a data set: names, limbs, mirror pairs. Plain constant data.
struct Skeleton {
  std::string_view name;  ///< "coco17", "mpii16", "openpose18", "openpose25"
  std::vector<JointInfo> joints;
  std::vector<std::pair<int, int>> limbs;
  std::vector<std::pair<int, int>> mirror_pairs;  ///< joints that swap when a picture is mirrored
};

/// The table of skeletons. No two have the same count of joints.
const std::vector<Skeleton>& skeletons();

/// Throws `kUsage` naming the known skeletons. The reference stays valid for ever.
const Skeleton& skeleton(std::string_view name);

}  // namespace pose
