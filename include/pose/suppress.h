#pragma once

#include <string_view>
#include <vector>

#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// Thresholds of all pose NMS methods; names are also the command line's (`--pose_nms_gamma`, ...).
struct SuppressOptions {
  // parametric (AlphaPose, alphapose.md 6)
  float delta1 = 1.0f;
  float mu = 1.7f;
  float delta2 = 2.65f;
  float gamma = 22.48f;          ///< similarity above which a pose is the same person
  float score_threshold = 0.3f;  ///< people whose best joint is below are dropped
  int match_threshold = 5;       ///< joints that must coincide
  float area_threshold = 0.0f;
  float alpha = 0.1f;       ///< reference distance = alpha * longer side of the box
  float match_cap = 7.0f;   ///< pixels; upper limit of the reference distance when matching
  float merge_cap = 15.0f;  ///< pixels; and when merging
  /// "pixel": the caps above, as AlphaPose; "person": caps and the distance constants grow with the
  /// person's box, so that a photo and its enlargement give the same people.
  bool scale_by_person = false;
  // oks and soft-oks (HRNet, hrnet.md 5)
  double oks_threshold = 0.9;
  double in_vis_threshold = 0.2;  ///< joints at or below do not count in the rescoring
  int soft_max_people = 20;
};

/// One row of the table of suppressors. All take the people of one photo as decoded (`score` still that of
/// the detection) and return the survivors, ranked, with `score` and `merged` set.
struct Suppressor {
  std::string_view name;  ///< "parametric", "oks", "soft-oks", "none"
  std::string_view help;
  std::vector<Person> (*apply)(std::vector<Person> people, const Skeleton& skeleton,
                               const SuppressOptions& options);
};

/// Throws `kUsage` with the nearest name.
const Suppressor& suppressor(std::string_view name);

}  // namespace pose
