#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pose {

/// A number that says how good results are; -1 where nobody is there to measure it on.
struct Metric {
  std::string name;  ///< "AP", "AP50" ...
  double value = -1;
  std::string meaning;  ///< in words
};

struct Evaluation {
  std::string skeleton;         ///< "coco17"
  std::size_t photos = 0;       ///< of the ground truth
  std::size_t people = 0;       ///< of the ground truth that count: with labelled joints, no crowds
  std::size_t found = 0;        ///< people of the results on those photos
  std::vector<Metric> metrics;  ///< COCO's ten, in pycocotools' order (src/evaluate/README.md, 2)
  /// What somebody who reads the numbers should know, a sentence each: photos that are in one file alone ...
  std::vector<std::string> notes;
};

/// Measures results against people that were labelled by hand.
///
/// `ground_truth` is a file of COCO's form with people's keypoints (`person_keypoints_val2017.json`),
/// `results` a result list (`--format coco` or `coco-eval`) or the output folder of a run. Photos are matched
/// by the ground truth's ids, names or, where it is unique, the last part of a name
/// (src/evaluate/README.md, 1). Throws `kNotFound`, `kIo`, `kFormat` (with file, line and byte), `kMismatch`
/// for files that are good but do not belong together, `kUnsupported` for skeletons that are not known.
Evaluation evaluate_keypoints(const std::string& ground_truth, const std::string& results);

}  // namespace pose
