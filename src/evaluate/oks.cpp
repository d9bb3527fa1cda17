#include "evaluate/oks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace pose {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

enum Verdict : std::uint8_t { kWrong, kRight, kIgnored };

/// What became of the found people, photo after photo, within a photo by falling score.
struct Verdicts {
  std::vector<double> scores;
  std::array<std::array<std::vector<Verdict>, kThresholds>, kAreas.size()> verdicts;
  std::array<std::size_t, kAreas.size()> to_find{};  ///< people that count
};

/// One photo: true people in the order of the file, found ones by falling score.
struct Photo {
  std::vector<const TruePerson*> people;
  std::vector<std::size_t> found;
  std::vector<double> areas;  ///< of the found people's joints
  std::vector<double> oks;    ///< a row for each found person
};

bool outside(double area, const AreaRange& range) { return area < range.low || area > range.high; }

/// Area of the upright box around all joints.
double extent(const double* joints, std::size_t count) {
  double low[2] = {joints[0], joints[1]}, high[2] = {joints[0], joints[1]};
  for (std::size_t j = 1; j < count; ++j)
    for (std::size_t axis = 0; axis < 2; ++axis) {
      low[axis] = std::min(low[axis], joints[3 * j + axis]);
      high[axis] = std::max(high[axis], joints[3 * j + axis]);
    }
  return (high[0] - low[0]) * (high[1] - low[1]);
}

/// Distance from `value` to the nearest of `low` to `high`.
double beyond(double value, double low, double high) {
  return std::max(0.0, low - value) + std::max(0.0, value - high);
}

/// True people by photo, in the order of the file.
std::vector<std::vector<const TruePerson*>> by_photo(const GroundTruth& truth) {
  std::vector<std::vector<const TruePerson*>> result(truth.photos.size());
  for (const TruePerson& person : truth.people)
    result[static_cast<std::size_t>(person.photo)].push_back(&person);
  return result;
}

void measure(Photo& photo, const GroundTruth& truth, const FoundPeople& found) {
  const std::size_t joints = truth.skeleton->joints.size();
  for (const std::size_t index : photo.found) {
    const double* person = found.joints.data() + 3 * joints * index;
    photo.areas.push_back(extent(person, joints));
    for (const TruePerson* other : photo.people) photo.oks.push_back(oks(*truth.skeleton, *other, person));
  }
}

/// Gives every found person the best true one that is left, and says what became of it
/// (src/evaluate/README.md, 4). `order` has the ignored true people last.
void match(const Photo& photo, const std::vector<std::size_t>& order, const std::vector<bool>& ignored,
           const AreaRange& range, double threshold, std::vector<Verdict>& verdicts) {
  std::vector<bool> taken(photo.people.size());
  for (std::size_t i = 0; i < photo.found.size(); ++i) {
    const double* row = photo.oks.data() + i * photo.people.size();
    double best = std::min(threshold, 1 - 1e-10);
    const TruePerson* partner = nullptr;
    std::size_t partner_index = 0;
    for (const std::size_t g : order) {
      const TruePerson& person = *photo.people[g];
      if (taken[g] && !person.crowd) continue;
      if (partner && !ignored[partner_index] && ignored[g]) break;
      if (row[g] < best) continue;
      best = row[g];
      partner = &person;
      partner_index = g;
    }
    if (partner) taken[partner_index] = true;
    const bool matched = partner && partner->id != 0;  // as pycocotools, which takes an id of 0 for "nobody"
    const bool ignore = (partner && ignored[partner_index]) || (!matched && outside(photo.areas[i], range));
    verdicts.push_back(ignore ? kIgnored : matched ? kRight : kWrong);
  }
}

void judge(const Photo& photo, Verdicts& verdicts) {
  for (std::size_t a = 0; a < kAreas.size(); ++a) {
    std::vector<bool> ignored;
    for (const TruePerson* person : photo.people)
      ignored.push_back(person->ignored || outside(person->area, kAreas[a]));
    std::vector<std::size_t> order(photo.people.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(), [&](std::size_t g) { return !ignored[g]; });
    verdicts.to_find[a] += static_cast<std::size_t>(std::count(ignored.begin(), ignored.end(), false));
    for (std::size_t t = 0; t < kThresholds; ++t)
      match(photo, order, ignored, kAreas[a], oks_threshold(t), verdicts.verdicts[a][t]);
  }
}

/// (src/evaluate/README.md, 5). `order` is by falling score.
OksCurve curve(const std::vector<std::size_t>& order, const std::vector<Verdict>& verdicts,
               std::size_t to_find) {
  OksCurve result;
  result.precision.fill(to_find == 0 ? -1 : 0);
  if (to_find == 0) return result;
  std::vector<double> recalls, precisions;
  double right = 0, wrong = 0;
  for (const std::size_t i : order) {
    right += verdicts[i] == kRight;
    wrong += verdicts[i] == kWrong;
    recalls.push_back(right / static_cast<double>(to_find));
    precisions.push_back(right / (wrong + right + kEpsilon));
  }
  result.recall = recalls.empty() ? 0 : recalls.back();
  for (std::size_t i = precisions.size(); i-- > 1;)
    precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
  for (std::size_t r = 0; r < kRecalls; ++r) {
    const auto reached = std::lower_bound(recalls.begin(), recalls.end(), recall_point(r));
    if (reached == recalls.end()) break;
    result.precision[r] = precisions[static_cast<std::size_t>(reached - recalls.begin())];
  }
  return result;
}

}  // namespace

// Spacing and ends are those of numpy.linspace, to the last bit.
double oks_threshold(std::size_t index) {
  const auto steps = static_cast<double>(kThresholds - 1);
  return index == kThresholds - 1 ? 0.95 : static_cast<double>(index) * ((0.95 - 0.5) / steps) + 0.5;
}

double recall_point(std::size_t index) {
  return index == kRecalls - 1 ? 1.0 : static_cast<double>(index) * 0.01;
}

double joint_likeness(const JointInfo& joint, double dx, double dy, double area) {
  const double sigma2 = joint.oks_sigma * 2;
  return std::exp(-((dx * dx + dy * dy) / (sigma2 * sigma2) / (area + kEpsilon) / 2));
}

double oks(const Skeleton& skeleton, const TruePerson& person, const double* joints) {
  const auto [x, y, width, height] = person.box;
  double sum = 0;
  for (std::size_t j = 0; j < skeleton.joints.size(); ++j) {
    const double* truth = person.joints.data() + 3 * j;
    const double* found = joints + 3 * j;
    if (person.labelled > 0 && !(truth[2] > 0)) continue;
    const double dx = person.labelled > 0 ? found[0] - truth[0] : beyond(found[0], x - width, x + width * 2);
    const double dy =
        person.labelled > 0 ? found[1] - truth[1] : beyond(found[1], y - height, y + height * 2);
    sum += joint_likeness(skeleton.joints[j], dx, dy, person.area);
  }
  return sum / static_cast<double>(person.labelled > 0 ? person.labelled
                                                       : static_cast<int>(skeleton.joints.size()));
}

std::vector<std::vector<std::size_t>> best_by_photo(const FoundPeople& found, std::size_t photos) {
  std::vector<std::vector<std::size_t>> result(photos);
  for (std::size_t i = 0; i < found.size(); ++i)
    result[static_cast<std::size_t>(found.photos[i])].push_back(i);
  for (std::vector<std::size_t>& list : result) {
    std::stable_sort(list.begin(), list.end(),
                     [&](std::size_t a, std::size_t b) { return found.scores[a] > found.scores[b]; });
    list.resize(std::min(list.size(), kMostFound));
  }
  return result;
}

OksCurves oks_curves(const GroundTruth& truth, const FoundPeople& found) {
  std::vector<std::vector<const TruePerson*>> people = by_photo(truth);
  std::vector<std::vector<std::size_t>> best = best_by_photo(found, truth.photos.size());
  Verdicts verdicts;
  for (std::size_t p = 0; p < truth.photos.size(); ++p) {
    Photo photo{std::move(people[p]), std::move(best[p]), {}, {}};
    measure(photo, truth, found);
    for (const std::size_t i : photo.found) verdicts.scores.push_back(found.scores[i]);
    judge(photo, verdicts);
  }
  std::vector<std::size_t> order(verdicts.scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return verdicts.scores[a] > verdicts.scores[b]; });
  OksCurves curves;
  for (std::size_t a = 0; a < kAreas.size(); ++a)
    for (std::size_t t = 0; t < kThresholds; ++t)
      curves[a][t] = curve(order, verdicts.verdicts[a][t], verdicts.to_find[a]);
  return curves;
}

}  // namespace pose
