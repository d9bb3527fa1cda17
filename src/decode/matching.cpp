#include "decode/matching.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "decode/heatmaps.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr int kJoints = 17;
constexpr int kNeighbourhood = 2;  // cells on each side
constexpr float kLeastPeak = 0.1f;
constexpr float kWeak = 0.05f;        // candidates below end the list
constexpr double kSure = 0.3;         // from here on a candidate moves its group's centre
constexpr double kGroupRadius = 0.1;  // times sigma, in units of the group's size
constexpr float kUnmatched = 1e-5f;   // score of a joint that another person has
constexpr double kLeastArea = 1600;   // of a person, with its margin
constexpr std::array<double, kJoints> kSigmas{.26, .25, .25,  .35,  .35, .79, .79, .72, .72,
                                              .62, .62, 1.07, 1.07, .87, .87, .89, .89};

struct Cell {
  int x, y;
  float value;
};

bool is_peak(const HeatmapView& map, int x, int y) {
  const float value = map.at(y, x);
  if (!(value > kLeastPeak)) return false;
  for (int v = std::max(y - kNeighbourhood, 0); v <= std::min(y + kNeighbourhood, map.height - 1); ++v)
    for (int u = std::max(x - kNeighbourhood, 0); u <= std::min(x + kNeighbourhood, map.width - 1); ++u)
      if (map.at(v, u) > value) return false;
  return true;
}

/// Every cell of a plateau is a peak. Greater values first, then lower rows, then columns further right.
std::vector<Cell> find_peaks(const HeatmapView& map) {
  std::vector<Cell> peaks;
  for (int y = map.height - 1; y >= 0; --y)
    for (int x = map.width - 1; x >= 0; --x)
      if (is_peak(map, x, y)) peaks.push_back({x, y, map.at(y, x)});
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Cell& a, const Cell& b) { return a.value > b.value; });
  return peaks;
}

/// Coordinates of the reference's transform: f32 differences, then f64.
Candidate to_photo(double x, double y, float value, const Crop& crop, const HeatmapView& map) {
  const double input_w = crop.input.width, input_h = crop.input.height;
  const double box_w = crop.grown.x2 - crop.grown.x1, box_h = crop.grown.y2 - crop.grown.y1;
  const double full_h = std::max(box_h, box_w * input_h / input_w), full_w = full_h * input_w / input_h;
  const double center_x = (double{crop.grown.x2} - 1 - crop.grown.x1) / 2;
  const double center_y = (double{crop.grown.y2} - 1 - crop.grown.y1) / 2;
  return {x * full_h / map.height - std::max(0.0, (full_w - 1) / 2 - center_x) + crop.grown.x1,
          y * full_h / map.height - std::max(0.0, (full_h - 1) / 2 - center_y) + crop.grown.y1, value};
}

/// The shift of a peak and +0.2. In y the column is cut from the shifted x, so it may be the one to the left:
/// a quirk of the reference, kept. `T`: f32 for peaks, f64 for the place that stands in where there are none.
template <typename T>
Candidate refined(const Cell& cell, const Crop& crop, const HeatmapView& map) {
  T x = static_cast<T>(cell.x), y = static_cast<T>(cell.y);
  if (cell.x > 0 && cell.x < map.width - 2) {
    const float d = map.at(cell.y, cell.x + 1) - map.at(cell.y, cell.x - 1);
    x += static_cast<T>(d > 0 ? 0.25 : d < 0 ? -0.25 : 0);
  }
  if (cell.y > 0 && cell.y < map.height - 2) {
    const int column = static_cast<int>(x);
    const float d = map.at(cell.y + 1, column) - map.at(cell.y - 1, column);
    const double step = 0.25 * crop.input.height / crop.input.width;
    y += static_cast<T>(d > 0 ? step : d < 0 ? -step : 0);
  }
  return to_photo(x + static_cast<T>(0.2), y + static_cast<T>(0.2), cell.value, crop, map);
}

using Candidates = std::array<std::vector<Candidate>, kJoints>;

/// One joint of one place in the photo, claimed by one or more people.
struct Group {
  double x = 0, y = 0;
  double sum_x = 0, sum_y = 0, sum_score = 0;
  double sum_width = 0, sum_height = 0, sum_weight = 0;

  double area() const { return sum_width * sum_height / (sum_weight * sum_weight); }
};

/// All groups of one joint, and for each person the group it belongs to (-1: none).
struct Grouping {
  std::vector<Group> groups;
  std::vector<int> of_person;
};

double person_score(const Candidates& candidates) {
  double sum = 0;
  for (const auto& list : candidates) sum += list.front().value;
  return sum / kJoints;
}

void add_to_group(Group& group, const Candidate& c, const Box& box, double weight) {
  const float w = static_cast<float>(weight);
  group.sum_x += c.x * c.value;
  group.sum_y += c.y * c.value;
  group.sum_score += c.value;
  group.sum_width += box.width() * w;
  group.sum_height += box.height() * w;
  group.sum_weight += weight;
}

Grouping group_joint(std::size_t joint, const std::vector<Candidates>& people,
                     const std::vector<double>& scores, const std::vector<Detection>& detections) {
  Grouping grouping;
  for (std::size_t n = 0; n < people.size(); ++n) {
    grouping.of_person.push_back(-1);
    const Candidate& c = people[n][joint].front();
    if (c.value < kWeak) continue;
    const Box& box = detections[n].box;
    for (std::size_t g = 0; g < grouping.groups.size() && grouping.of_person[n] < 0; ++g) {
      Group& group = grouping.groups[g];
      const double dx = group.x - c.x, dy = group.y - c.y;
      if (!(std::sqrt((dx * dx + dy * dy) / group.area()) <= kGroupRadius * kSigmas[joint])) continue;
      grouping.of_person[n] = static_cast<int>(g);
      if (c.value < kSure) continue;
      add_to_group(group, c, box, scores[n]);
      group.x = group.sum_x / group.sum_score;
      group.y = group.sum_y / group.sum_score;
    }
    if (grouping.of_person[n] >= 0) continue;
    grouping.of_person[n] = static_cast<int>(grouping.groups.size());
    grouping.groups.emplace_back();
    add_to_group(grouping.groups.back(), c, box, scores[n]);
    grouping.groups.back().x = c.x;
    grouping.groups.back().y = c.y;
  }
  return grouping;
}

/// Which person gets each group. The reference solves an assignment problem over all people and groups; but a
/// person only gains from its own group, so every group simply goes to the one of its people with most to
/// gain.
std::vector<int> winners(std::size_t joint, const Grouping& grouping, const std::vector<Candidates>& people,
                         const std::vector<double>& scores) {
  std::vector<int> winner(grouping.groups.size(), -1);
  std::vector<double> best(grouping.groups.size(), 0.0);
  for (std::size_t n = 0; n < people.size(); ++n) {
    if (grouping.of_person[n] < 0) continue;
    const auto g = static_cast<std::size_t>(grouping.of_person[n]);
    const double gain = scores[n] * people[n][joint].front().value;
    if (gain <= best[g]) continue;
    best[g] = gain;
    winner[g] = static_cast<int>(n);
  }
  return winner;
}

/// Settles one joint of all people: the winner of a group takes its centre, the others fall back.
void match_joint(std::size_t joint, std::vector<Candidates>& people, const std::vector<double>& scores,
                 const std::vector<Detection>& detections) {
  const Grouping grouping = group_joint(joint, people, scores, detections);
  const std::vector<int> winner = winners(joint, grouping, people, scores);
  for (std::size_t n = 0; n < people.size(); ++n) {
    if (grouping.of_person[n] < 0) continue;
    const auto g = static_cast<std::size_t>(grouping.of_person[n]);
    std::vector<Candidate>& list = people[n][joint];
    if (winner[g] == static_cast<int>(n)) {
      list.front().x = grouping.groups[g].x;
      list.front().y = grouping.groups[g].y;
    } else if (list.size() > 1) {
      list.erase(list.begin());
    } else {
      list.front().value = kUnmatched;
    }
  }
}

/// Source: src/decode/README.md, 6. False if the person is to be dropped.
bool finish_person(const Candidates& candidates, const Detection& detection, Person& person) {
  double x_min = 100000, y_min = 100000, x_max = 0, y_max = 0, sum = 0, greatest = -1e30;
  for (const auto& list : candidates) {
    const Candidate& c = list.front();
    person.joints.push_back({static_cast<float>(c.x - 0.3), static_cast<float>(c.y - 0.3), c.value});
    x_min = std::min(x_min, c.x);
    y_min = std::min(y_min, c.y);
    x_max = std::max(x_max, c.x);
    y_max = std::max(y_max, c.y);
    sum += c.value;
    greatest = std::max(greatest, double{c.value});
  }
  person.score = static_cast<float>(sum / kJoints + greatest) + detection.score;
  return !(static_cast<float>(greatest) < 0.1f) &&
         !(1.5 * 1.5 * (x_max - x_min) * (y_max - y_min) < kLeastArea);
}

}  // namespace

std::vector<Candidate> peak_candidates(const HeatmapView& map, const Crop& crop) {
  std::vector<Candidate> candidates;
  for (const Cell& cell : find_peaks(map)) candidates.push_back(refined<float>(cell, crop, map));
  if (!candidates.empty()) return candidates;  // all of them are above the weak limit
  const float* best = std::max_element(map.data, map.data + map.width * map.height);
  const int index = static_cast<int>(best - map.data);
  return {refined<double>({index % map.width, index / map.width, *best}, crop, map)};
}

std::vector<Person> match_people(const std::vector<Blob>& maps, const std::vector<Crop>& crops,
                                 const std::vector<Detection>& detections) {
  if (maps.size() != crops.size() || maps.size() != detections.size())
    throw Error::usage("matching takes as many heatmaps as crops and detections");
  std::vector<Candidates> people(maps.size());
  std::vector<double> scores;
  for (std::size_t n = 0; n < maps.size(); ++n) {
    check_heatmaps(maps[n], kJoints);
    if (crops[n].kind != Crop::Kind::kAlphaPose)
      throw Error::usage("matching is AlphaPose's method and takes its crops only");
    const int height = static_cast<int>(maps[n].dim(1)), width = static_cast<int>(maps[n].dim(2));
    for (std::size_t k = 0; k < kJoints; ++k)
      people[n][k] = peak_candidates({maps[n][static_cast<std::int64_t>(k)].data(), width, height}, crops[n]);
    scores.push_back(person_score(people[n]));
  }
  for (std::size_t k = 0; k < kJoints; ++k) match_joint(k, people, scores, detections);
  std::vector<Person> result;
  for (std::size_t n = 0; n < people.size(); ++n) {
    Person person;
    person.detection = detections[n];
    person.area = crops[n].area;
    person.index = static_cast<int>(n);
    person.merged = {person.index};
    if (finish_person(people[n], detections[n], person)) result.push_back(std::move(person));
  }
  return result;
}

}  // namespace pose
