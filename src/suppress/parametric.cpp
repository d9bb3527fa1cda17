// Decisions here hang on the last bit of f32 sums: this file is compiled without fused multiply-add.

#include "suppress/parametric.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace pose {
namespace {

/// Scores of exactly 0 would make weights of 0 / 0.
constexpr float kNoZeroScore = 1e-5f;
/// The longer side of a person for which both scales agree: the pixel rule was made for photos of about
/// 850x480, where people are of about this size.
constexpr float kReferenceSide = 200.0f;
constexpr float kFinalShift = 0.3f;

float longer_side(const Person& person) {
  return std::max(person.detection.box.width(), person.detection.box.height());
}

/// All lengths of the rule, in pixels, as they hold around one picked person.
struct Lengths {
  float delta1, delta2, match, merge;
};

Lengths lengths_for(const Person& pick, const SuppressOptions& o) {
  const float unit = o.scale_by_person ? longer_side(pick) / kReferenceSide : 1.0f;
  const float reference = o.alpha * longer_side(pick);
  return {o.delta1 * unit, o.delta2 * unit, std::min(reference, o.match_cap * unit),
          std::min(reference, o.merge_cap * unit)};
}

float distance(const Joint& a, const Joint& b) {
  const float dx = a.x - b.x, dy = a.y - b.y;
  return std::sqrt(dx * dx + dy * dy);
}

float similarity(const Person& pick, const Person& other, const Lengths& lengths, float mu) {
  float scores = 0, places = 0;
  for (std::size_t k = 0; k < pick.joints.size(); ++k) {
    const float d = distance(pick.joints[k], other.joints[k]);
    if (d <= lengths.delta1) scores += std::tanh(pick.joints[k].score) * std::tanh(other.joints[k].score);
    places += std::exp(-d / lengths.delta2);
  }
  return scores + mu * places;
}

int matches(const Person& pick, const Person& other, const Lengths& lengths) {
  int count = 0;
  for (std::size_t k = 0; k < pick.joints.size(); ++k)
    count += distance(pick.joints[k], other.joints[k]) / lengths.match <= 1;
  return count;
}

float mean_score(const Person& person) {
  float sum = 0;
  for (const Joint& joint : person.joints) sum += joint.score;
  return sum / static_cast<float>(person.joints.size());
}

float greatest_score(const Person& person) {
  float greatest = person.joints.front().score;
  for (const Joint& joint : person.joints) greatest = std::max(greatest, joint.score);
  return greatest;
}

void replace_zero_scores(std::vector<Person>& people) {
  for (Person& person : people)
    for (Joint& joint : person.joints)
      if (joint.score == 0) joint.score = kNoZeroScore;
}

/// Every joint becomes the mean of the cluster's joints near the pick's, weighted by their scores.
Person merged(const std::vector<Person>& people, const SuppressRound& round, const SuppressOptions& options) {
  Person result = people[static_cast<std::size_t>(round.pick)];
  const Person& pick = people[static_cast<std::size_t>(round.pick)];
  const float reach = lengths_for(pick, options).merge;
  for (std::size_t k = 0; k < pick.joints.size(); ++k) {
    float sum = 0, x = 0, y = 0, score = 0;
    const auto near = [&](int j) {
      return distance(pick.joints[k], people[static_cast<std::size_t>(j)].joints[k]) <= reach;
    };
    for (const int j : round.cluster)
      if (near(j)) sum += people[static_cast<std::size_t>(j)].joints[k].score;
    if (sum == 0) continue;  // scores that cancel each other weigh nothing: the pick's joint stays
    for (const int j : round.cluster) {
      if (!near(j)) continue;
      const Joint& joint = people[static_cast<std::size_t>(j)].joints[k];
      const float weight = joint.score / sum;
      x += joint.x * weight;
      y += joint.y * weight;
      score += joint.score * weight;
    }
    result.joints[k] = {x, y, score};
  }
  result.merged.clear();
  for (const int j : round.cluster) result.merged.push_back(people[static_cast<std::size_t>(j)].index);
  return result;
}

/// The area of the joints' extent, with a margin of half the extent.
float extent(const Person& person) {
  float x_min = person.joints[0].x, x_max = x_min, y_min = person.joints[0].y, y_max = y_min;
  for (const Joint& joint : person.joints) {
    x_min = std::min(x_min, joint.x);
    x_max = std::max(x_max, joint.x);
    y_min = std::min(y_min, joint.y);
    y_max = std::max(y_max, joint.y);
  }
  return 1.5f * 1.5f * (x_max - x_min) * (y_max - y_min);
}

}  // namespace

std::vector<SuppressRound> cluster_people(const std::vector<Person>& people, const SuppressOptions& options) {
  std::vector<float> means;
  std::vector<int> left;
  for (std::size_t i = 0; i < people.size(); ++i) {
    means.push_back(mean_score(people[i]));
    left.push_back(static_cast<int>(i));
  }
  std::vector<SuppressRound> rounds;
  while (!left.empty()) {
    SuppressRound round;
    round.list = left;
    round.pick = left.front();
    for (const int i : left)
      if (means[static_cast<std::size_t>(i)] > means[static_cast<std::size_t>(round.pick)]) round.pick = i;
    const Person& pick = people[static_cast<std::size_t>(round.pick)];
    const Lengths lengths = lengths_for(pick, options);
    left.clear();
    for (const int i : round.list) {
      const Person& other = people[static_cast<std::size_t>(i)];
      round.similarity.push_back(similarity(pick, other, lengths, options.mu));
      round.matches.push_back(matches(pick, other, lengths));
      const bool same =
          round.similarity.back() > options.gamma || round.matches.back() >= options.match_threshold;
      (same ? round.cluster : left).push_back(i);
    }
    if (round.cluster.empty()) {  // only where places are not numbers
      round.cluster = {round.pick};
      left.erase(std::find(left.begin(), left.end(), round.pick));
    }
    rounds.push_back(std::move(round));
  }
  return rounds;
}

std::vector<Person> parametric_nms(std::vector<Person> people, const Skeleton&,
                                   const SuppressOptions& options) {
  replace_zero_scores(people);
  std::vector<Person> result;
  for (const SuppressRound& round : cluster_people(people, options)) {
    if (greatest_score(people[static_cast<std::size_t>(round.pick)]) < options.score_threshold) continue;
    Person person = merged(people, round, options);
    const float greatest = greatest_score(person);
    if (greatest < options.score_threshold || extent(person) < options.area_threshold) continue;
    for (Joint& joint : person.joints) {
      joint.x -= kFinalShift;
      joint.y -= kFinalShift;
    }
    person.score = mean_score(person) + person.detection.score + 1.25f * greatest;
    result.push_back(std::move(person));
  }
  return result;
}

}  // namespace pose
