#pragma once

#include <array>
#include <optional>
#include <vector>

#include "pose/detection.h"

namespace pose {

/// A joint in pixels of the upright photo. `score` is the heatmap's peak value: not limited to 0..1.
struct Joint {
  float x = 0, y = 0, score = 0;
};

struct Person {
  std::vector<Joint> joints;  ///< in the order of the skeleton
  double score = 0;           ///< of the whole person; how it is made is the suppressor's business
  Detection detection;        ///< the box it was found in
  double area = 0;            ///< of the crop in photo pixels^2, what OKS divides by
  /// Of an affine crop: centre x and y in photo pixels, scale x and y in units of 200 (src/crop/README.md,
  /// 5).
  std::optional<std::array<float, 4>> center_scale = std::nullopt;
  int index = 0;            ///< number of the detection within its photo
  std::vector<int> merged;  ///< indices of all detections that went into it, ascending; itself included
};

}  // namespace pose
