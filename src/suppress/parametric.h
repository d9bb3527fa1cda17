#pragma once

#include <vector>

#include "pose/suppress.h"

namespace pose {

/// One round of parametric NMS: who was picked and how near everyone still in the list is to it.
struct SuppressRound {
  int pick = 0;                   ///< index among all people
  std::vector<int> list;          ///< people still there, ascending
  std::vector<float> similarity;  ///< per entry of `list`
  std::vector<int> matches;       ///< per entry of `list`: joints that coincide
  std::vector<int> cluster;       ///< people taken out with the pick, ascending
};

/// Clusters people around the best of each. Source: src/suppress/README.md, 1.
std::vector<SuppressRound> cluster_people(const std::vector<Person>& people, const SuppressOptions& options);

std::vector<Person> parametric_nms(std::vector<Person> people, const Skeleton& skeleton,
                                   const SuppressOptions& options);

}  // namespace pose
