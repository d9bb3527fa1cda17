#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "evaluate/found_people.h"
#include "evaluate/ground_truth.h"

namespace pose {

constexpr std::size_t kThresholds = 10;  ///< of OKS: 0.5, 0.55 ... 0.95
constexpr std::size_t kRecalls = 101;    ///< at which precision is taken: 0, 0.01 ... 1
constexpr std::size_t kMostFound = 20;   ///< people of a photo that count, those of the best scores

/// People of one size: by the pixels^2 of their outline, both ends included.
struct AreaRange {
  std::string_view name;
  double low, high;
};
constexpr std::array<AreaRange, 3> kAreas{
    {{"all", 0, 1e10}, {"medium", 32.0 * 32, 96.0 * 96}, {"large", 96.0 * 96, 1e10}}};

double oks_threshold(std::size_t index);
double recall_point(std::size_t index);

/// How like a joint is to one that is `dx`, `dy` pixels away on a person of this area, 0 to 1.
double joint_likeness(const JointInfo& joint, double dx, double dy, double area);

/// How like the joints of a found person (x, y, score ...) are to a true one's, 0 to 1
/// (src/evaluate/README.md, 3).
double oks(const Skeleton& skeleton, const TruePerson& person, const double* joints);

/// Precision and recall of people of one size at one threshold; -1 where there is nobody of that size.
struct OksCurve {
  double recall = -1;
  std::array<double, kRecalls> precision;  ///< the best at this recall or more
};

/// By area range, then by threshold (src/evaluate/README.md, 4 and 5).
using OksCurves = std::array<std::array<OksCurve, kThresholds>, kAreas.size()>;

/// Found people by photo, as many as count, by falling score, the earlier first where scores are the same.
std::vector<std::vector<std::size_t>> best_by_photo(const FoundPeople& found, std::size_t photos);

OksCurves oks_curves(const GroundTruth& truth, const FoundPeople& found);

}  // namespace pose
