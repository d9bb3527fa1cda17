#pragma once

#include <vector>

#include "pose/decode.h"

namespace pose {

/// A place where a joint may be, photo pixels; best first.
struct Candidate {
  double x = 0, y = 0;
  float value = 0;
};

/// The peaks of one map, refined and brought to the photo; at least one. Source: src/decode/README.md, 5.
std::vector<Candidate> peak_candidates(const HeatmapView& map, const Crop& crop);

}  // namespace pose
