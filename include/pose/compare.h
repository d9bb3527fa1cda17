#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pose/options.h"
#include "pose/results.h"

namespace pose {

/// One thing in which two results differ.
struct Difference {
  std::string kind;   ///< "photo", "person", "joint", "joint_score", "score", "box"
  std::string photo;  ///< as A calls it, or B where A has no such photo
  int person = 0;     ///< from 1, in the order of A; of B where `only_in` is B; 0: the photo itself
  std::string joint;  ///< its name or "joint_7" (from 0); "" for other kinds
  char only_in = 0;   ///< 'A' or 'B' for what the other does not have, else 0
  /// Pixels of a joint, scores' distance, 1 - IoU of a box; people that are on a photo of one side.
  double amount = 0;
  double tolerance = 0;  ///< that `amount` is above; 0 for what one side does not have
};

/// What came of comparing results A, the reference, with results B.
struct Comparison {
  std::size_t photos = 0;               ///< with people on both sides
  std::size_t people = 0;               ///< that are on both sides
  std::size_t joints = 0;               ///< that were compared
  double farthest_px = 0;               ///< the greatest distance of a joint, above its tolerance or not
  std::vector<Difference> differences;  ///< what one side does not have first, then the worst

  bool same() const { return differences.empty(); }
};

/// Compares photo by photo and person by person, whatever forms the results came from
/// (src/compare/README.md). What one side does not hold (boxes, scores) is not compared. Throws `kUsage` for
/// tolerances that cannot be, `kMismatch` for people of different skeletons and where people have joints on
/// one side and boxes alone on the other.
Comparison compare_results(const Results& a, const Results& b, const CompareOptions& options);

/// A line for each difference, `most` at most, and a last line that sums up.
std::string describe(const Comparison& comparison, std::size_t most);
/// The same as one JSON object, all differences in it.
std::string to_json(const Comparison& comparison);

/// Puts results B in the place of the reference A, which appears whole or stays as it was; a folder is the
/// result file in it. Throws `kUsage` for folders with a file per photo, `kIo`, `kNotFound`.
void accept_results(const std::string& reference, const std::string& results);

}  // namespace pose
