#include "suppress/oks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "pose/error.h"

namespace pose {
namespace {

/// Positions in falling order of `scores`: an ascending stable sort read backwards.
std::vector<std::size_t> falling_order(const std::vector<double>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::reverse(order.begin(), order.end());
  return order;
}

template <typename T>
std::vector<T> reordered(const std::vector<T>& values, const std::vector<std::size_t>& order) {
  std::vector<T> result;
  for (const std::size_t i : order) result.push_back(values[i]);
  return result;
}

std::vector<double> scores_of(const std::vector<Person>& people) {
  std::vector<double> scores;
  for (const Person& person : people) scores.push_back(std::isnan(person.score) ? 0 : person.score);
  return scores;
}

}  // namespace

double oks(const Person& a, const Person& b, const Skeleton& skeleton, double in_vis_threshold) {
  if (a.joints.size() != skeleton.joints.size() || b.joints.size() != skeleton.joints.size())
    throw Error::usage("OKS takes two people with the joints of the skeleton '" + std::string(skeleton.name) +
                       "'");
  double sum = 0;
  int count = 0;
  for (std::size_t k = 0; k < a.joints.size(); ++k) {
    if (in_vis_threshold >= 0 && !(b.joints[k].score > in_vis_threshold)) continue;
    const float dx = b.joints[k].x - a.joints[k].x, dy = b.joints[k].y - a.joints[k].y;
    const double variance = 4 * skeleton.joints[k].oks_sigma * skeleton.joints[k].oks_sigma;
    const double area = (a.area + b.area) / 2 + std::numeric_limits<double>::epsilon();
    sum += std::exp(-static_cast<double>(dx * dx + dy * dy) / variance / area / 2);
    ++count;
  }
  return count ? sum / count : 0;
}

double rescored(const Person& person, double in_vis_threshold) {
  double sum = 0;
  int count = 0;
  for (const Joint& joint : person.joints) {
    if (!(joint.score > in_vis_threshold)) continue;
    sum += joint.score;
    ++count;
  }
  return (count ? sum / count : 0) * person.detection.score;
}

std::vector<int> oks_nms(const std::vector<Person>& people, const Skeleton& skeleton, double threshold) {
  std::vector<int> kept;
  for (const std::size_t i : falling_order(scores_of(people))) {
    const bool free = std::none_of(kept.begin(), kept.end(), [&](int k) {
      return oks(people[static_cast<std::size_t>(k)], people[i], skeleton) > threshold;
    });
    if (free) kept.push_back(static_cast<int>(i));
  }
  return kept;
}

std::vector<int> soft_oks_nms(const std::vector<Person>& people, const Skeleton& skeleton, double threshold,
                              int max_people) {
  std::vector<double> scores = scores_of(people);
  std::vector<std::size_t> order = falling_order(scores);
  scores = reordered(scores, order);
  std::vector<int> kept;
  while (!order.empty() && static_cast<int>(kept.size()) < max_people) {
    const std::size_t first = order.front();
    kept.push_back(static_cast<int>(first));
    order.erase(order.begin());
    scores.erase(scores.begin());
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double overlap = oks(people[first], people[order[i]], skeleton);
      scores[i] *= std::exp(-overlap * overlap / threshold);
    }
    const std::vector<std::size_t> resorted = falling_order(scores);
    order = reordered(order, resorted);
    scores = reordered(scores, resorted);
  }
  return kept;
}

}  // namespace pose
