#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evaluate/ground_truth.h"

namespace pose {

/// The people of results that are on photos of the ground truth, in the order of the file.
struct FoundPeople {
  std::vector<int> photos;     ///< of each person: place in `GroundTruth::photos`
  std::vector<double> scores;  ///< of each person
  std::vector<double> joints;  ///< x, y, score of every joint of the first person, of the second ...
  std::vector<std::string> notes;

  std::size_t size() const { return scores.size(); }
};

/// Reads a result list, a run's output folder, or results of any other form (src/evaluate/README.md, 1).
/// Throws as `evaluate_keypoints`.
FoundPeople read_found_people(const std::string& path, const GroundTruth& truth);

}  // namespace pose
