#pragma once

#include <vector>

#include "pose/suppress.h"

namespace pose {

/// Object keypoint similarity of two predictions, over all joints; with `in_vis_threshold` (>= 0) only over
/// those where `b` scores above it. Throws `kUsage` for people with other joints than the skeleton. Source:
/// src/suppress/README.md, 4.
double oks(const Person& a, const Person& b, const Skeleton& skeleton, double in_vis_threshold = -1);

/// Mean score of the joints above `in_vis_threshold` (0 if none) times the detection's score. Source:
/// src/suppress/README.md, 5.
double rescored(const Person& person, double in_vis_threshold);

/// Indices of the people that stay, best score first; among equal scores the later one first, as in the
/// reference.
std::vector<int> oks_nms(const std::vector<Person>& people, const Skeleton& skeleton, double threshold);

/// Nobody is dropped but by the limit of `max_people`: near ones sink in the order.
std::vector<int> soft_oks_nms(const std::vector<Person>& people, const Skeleton& skeleton, double threshold,
                              int max_people);

}  // namespace pose
