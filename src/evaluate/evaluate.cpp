#include "pose/evaluate.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "evaluate/found_people.h"
#include "evaluate/ground_truth.h"
#include "evaluate/joint_errors.h"
#include "evaluate/oks.h"

namespace pose {
namespace {

/// One of COCO's ten numbers.
struct OksNumber {
  std::string_view name, meaning;
  bool is_recall;
  std::size_t area;                        ///< in `kAreas`
  std::size_t from = 0, to = kThresholds;  ///< thresholds
};

constexpr std::size_t kAt50 = 0, kAt75 = 5;  // thresholds 0.5 and 0.75

constexpr OksNumber kNumbers[]{
    {"AP", "average precision at OKS 0.50 to 0.95", false, 0},
    {"AP50", "average precision at OKS 0.50", false, 0, kAt50, kAt50 + 1},
    {"AP75", "average precision at OKS 0.75", false, 0, kAt75, kAt75 + 1},
    {"APm", "average precision on people of 32x32 to 96x96 pixels", false, 1},
    {"APl", "average precision on greater people", false, 2},
    {"AR", "average recall at OKS 0.50 to 0.95", true, 0},
    {"AR50", "recall at OKS 0.50", true, 0, kAt50, kAt50 + 1},
    {"AR75", "recall at OKS 0.75", true, 0, kAt75, kAt75 + 1},
    {"ARm", "average recall on people of 32x32 to 96x96 pixels", true, 1},
    {"ARl", "average recall on greater people", true, 2},
};

/// The mean over thresholds, and of precision over recalls as well; -1 where nobody is of that size.
double value_of(const OksNumber& number, const OksCurves& curves) {
  double sum = 0, count = 0;
  for (std::size_t t = number.from; t < number.to; ++t) {
    const OksCurve& curve = curves[number.area][t];
    if (curve.recall < 0) return -1;
    if (number.is_recall) {
      sum += curve.recall;
      count += 1;
      continue;
    }
    for (const double precision : curve.precision) sum += precision;
    count += kRecalls;
  }
  return sum / count;
}

}  // namespace

Evaluation evaluate_keypoints(const std::string& ground_truth, const std::string& results, double pck) {
  const GroundTruth truth = read_ground_truth(ground_truth);
  const FoundPeople found = read_found_people(results, truth);
  const OksCurves curves = oks_curves(truth, found);
  Evaluation evaluation;
  evaluation.skeleton = truth.skeleton->name;
  evaluation.photos = truth.photos.size();
  evaluation.people = static_cast<std::size_t>(std::count_if(truth.people.begin(), truth.people.end(),
                                                             [](const TruePerson& p) { return !p.ignored; }));
  evaluation.found = found.size();
  for (const OksNumber& number : kNumbers)
    evaluation.metrics.push_back(
        {std::string(number.name), value_of(number, curves), std::string(number.meaning)});
  evaluation.notes = truth.notes;
  evaluation.notes.insert(evaluation.notes.end(), found.notes.begin(), found.notes.end());
  for (std::size_t t = 0; t < kThresholds; ++t) {
    const auto& precision = curves[0][t].precision;
    evaluation.curves.push_back({oks_threshold(t), {precision.begin(), precision.end()}});
  }
  const std::vector<Pair> pairs = pair_people(truth, found);
  evaluation.paired = static_cast<std::size_t>(
      std::count_if(pairs.begin(), pairs.end(), [](const Pair& pair) { return pair.found != nullptr; }));
  evaluation.joints = joint_errors(truth, pairs);
  if (pck > 0)
    evaluation.metrics.push_back(measure_pck(truth, pairs, pck, evaluation.joints, evaluation.notes));
  return evaluation;
}

}  // namespace pose
