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

/// What became of one joint of all labelled people who were found (src/evaluate/README.md, 6 and 7).
struct JointErrors {
  std::string name;
  std::size_t labelled = 0;  ///< of people who were found; each has one of the five kinds
  std::size_t good = 0, jitter = 0, inverted = 0, swapped = 0, missed = 0;
  double distance = -1;  ///< mean, as part of the root of the person's area; -1 if never labelled
  double pck = -1;       ///< -1 if it was not asked for, or there is none
};

/// The best precision at each recall 0, 0.01 ... 1, or at more, of people of all sizes.
struct PrecisionCurve {
  double oks = 0;  ///< threshold
  std::vector<double> precision;
};

struct Evaluation {
  std::string skeleton;    ///< "coco17"
  std::size_t photos = 0;  ///< of the ground truth
  std::size_t people = 0;  ///< of the ground truth that count: with labelled joints, no crowds
  std::size_t found = 0;   ///< people of the results on those photos
  std::size_t paired = 0;  ///< of `people`, whom a found person was taken for
  /// COCO's ten, in pycocotools' order (src/evaluate/README.md, 2), and PCK or PCKh where it is asked for.
  std::vector<Metric> metrics;
  std::vector<JointErrors> joints;     ///< in the order of the skeleton
  std::vector<PrecisionCurve> curves;  ///< by rising threshold
  /// What somebody who reads the numbers should know, a sentence each: photos that are in one file alone ...
  std::vector<std::string> notes;
};

/// Measures results against people that were labelled by hand.
///
/// `ground_truth` is a file of COCO's form with people's keypoints (`person_keypoints_val2017.json`),
/// `results` whatever `read_results` opens: a result list, the output folder of a run ... Photos are matched
/// by the ground truth's ids, names or, where it is unique, the last part of a name
/// (src/evaluate/README.md, 1). With a `pck` above 0 it is measured how many joints are within this part of
/// the person's size. Throws `kNotFound`, `kIo`, `kFormat` (with file, line and byte), `kMismatch`
/// for files that are good but do not belong together, `kUnsupported` for skeletons that are not known.
Evaluation evaluate_keypoints(const std::string& ground_truth, const std::string& results, double pck = 0);

}  // namespace pose
