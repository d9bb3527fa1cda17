#pragma once

#include <cstddef>
#include <vector>

#include "evaluate/found_people.h"
#include "evaluate/ground_truth.h"
#include "pose/evaluate.h"

namespace pose {

/// A labelled person who counts and the found one that is taken for him or her.
struct Pair {
  const TruePerson* person = nullptr;
  const double* found = nullptr;  ///< x, y, score of every joint; null if nobody found the person
};

/// All people who count, with their partners (src/evaluate/README.md, 6).
std::vector<Pair> pair_people(const GroundTruth& truth, const FoundPeople& found);

/// What became of the labelled joints, in the order of the skeleton (src/evaluate/README.md, 6).
std::vector<JointErrors> joint_errors(const GroundTruth& truth, const std::vector<Pair>& pairs);

/// Fills in `pck` of every joint with `threshold`; returns the number for all of them, whose notes go to
/// `notes` (src/evaluate/README.md, 7).
Metric measure_pck(const GroundTruth& truth, const std::vector<Pair>& pairs, double threshold,
                   std::vector<JointErrors>& joints, std::vector<std::string>& notes);

}  // namespace pose
