#include "pose/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "compare/pairs.h"
#include "pose/error.h"
#include "results/people.h"
#include "results/skeletons.h"

namespace pose {
namespace {

bool any_person(const Results& results, bool (*wanted)(const Person&)) {
  return std::any_of(results.photos.begin(), results.photos.end(), [&](const PhotoPeople& photo) {
    return std::any_of(photo.people.begin(), photo.people.end(), wanted);
  });
}

std::string skeleton_text(const Results& results) {
  const std::string name = results.skeleton.empty() ? "unknown" : results.skeleton;
  return std::to_string(joints_of(results)) + " joints (" + name + ")";
}

bool has_people(const Results& results) {
  return any_person(results, [](const Person&) { return true; });
}

void check_comparable(const Results& a, const Results& b) {
  const std::size_t in_a = joints_of(a), in_b = joints_of(b);
  if (!has_people(a) || !has_people(b)) return;
  if (in_a > 0 && in_b > 0 && (in_a != in_b || a.joint_names != b.joint_names))
    throw Error::mismatch("people of different skeletons cannot be compared: A has " + skeleton_text(a) +
                          ", B has " + skeleton_text(b) +
                          "; 'pose convert-results --skeleton' brings results to another");
  const bool boxes = any_person(a, &has_box) && any_person(b, &has_box);
  if ((in_a == 0 || in_b == 0) && !boxes)
    throw Error::mismatch(
        std::string(in_a > 0 ? "A has joints and no boxes, B" : "B has joints and no boxes, A") +
        " has boxes and no joints: there is nothing to compare");
}

class Comparer {
 public:
  Comparer(const Results& a, const Results& b, const CompareOptions& options)
      : a_(a),
        b_(b),
        options_(options),
        skeleton_(skeleton_of(joints_of(a) > 0 ? a : b)),
        with_scores_(has_scores(a) && has_scores(b)),
        with_joint_scores_(a.visibility == b.visibility) {}

  Comparison compare() {
    const Pairs photos = pair_photos(a_.photos, b_.photos);
    for (const auto& [i, k] : photos.both) compare_photos(a_.photos[i], b_.photos[k]);
    for (const std::size_t i : photos.only_a) add_lonely_photo(a_.photos[i], 'A');
    for (const std::size_t i : photos.only_b) add_lonely_photo(b_.photos[i], 'B');
    sort_worst_first();
    return std::move(result_);
  }

 private:
  static bool has_scores(const Results& results) {
    return any_person(results, [](const Person& person) { return person.score != 0; });
  }

  static std::string label(const PhotoPeople& photo) {
    return photo.name.empty() ? std::to_string(photo.number.value_or(0)) : photo.name;
  }

  /// A photo with nobody on it is not even named in most forms.
  void add_lonely_photo(const PhotoPeople& photo, char side) {
    if (!photo.people.empty())
      result_.differences.push_back(
          {"photo", label(photo), 0, "", side, static_cast<double>(photo.people.size()), 0});
  }

  void compare_photos(const PhotoPeople& a, const PhotoPeople& b) {
    photo_ = label(a.name.empty() ? b : a);
    const Pairs people = pair_people(a.people, b.people, skeleton_);
    result_.photos += !people.both.empty();
    for (const auto& [i, k] : people.both) {
      person_ = static_cast<int>(i) + 1;
      compare_people(a.people[i], b.people[k]);
    }
    for (const std::size_t i : people.only_a) add_lonely_person(i, 'A');
    for (const std::size_t i : people.only_b) add_lonely_person(i, 'B');
  }

  void add_lonely_person(std::size_t i, char side) {
    result_.differences.push_back({"person", photo_, static_cast<int>(i) + 1, "", side, 1, 0});
  }

  void compare_people(const Person& a, const Person& b) {
    ++result_.people;
    const double reach = std::max(options_.tolerance_px, options_.tolerance_share * size_of(a));
    for (std::size_t k = 0; k < std::min(a.joints.size(), b.joints.size()); ++k)
      if (a.joints[k].score >= options_.min_score) compare_joints(k, a.joints[k], b.joints[k], reach);
    if (with_scores_) add_if_above("score", "", std::abs(a.score - b.score), options_.tolerance_score);
    if (has_box(a) && has_box(b))
      add_if_above("box", "", 1 - double{iou(a.detection.box, b.detection.box, 0)},
                   1 - options_.tolerance_iou);
  }

  void compare_joints(std::size_t k, const Joint& a, const Joint& b, double reach) {
    if (is_missing(a) && is_missing(b)) return;
    if (is_missing(a) != is_missing(b)) {
      result_.differences.push_back({"joint", photo_, person_, joint_name(a_, k), is_missing(a) ? 'B' : 'A',
                                     std::numeric_limits<double>::infinity(), 0});
      return;
    }
    ++result_.joints;
    const double distance = std::hypot(double{a.x} - b.x, double{a.y} - b.y);
    result_.farthest_px = std::max(result_.farthest_px, distance);
    add_if_above("joint", joint_name(a_, k), distance, reach);
    if (with_joint_scores_)
      add_if_above("joint_score", joint_name(a_, k), std::abs(double{a.score} - b.score),
                   options_.tolerance_score);
  }

  void add_if_above(const char* kind, const std::string& joint, double amount, double tolerance) {
    if (amount > tolerance)
      result_.differences.push_back({kind, photo_, person_, joint, 0, amount, tolerance});
  }

  void sort_worst_first() {
    const auto rank = [](const Difference& d) {
      const int group = d.kind == "photo" ? 0 : d.kind == "person" ? 1 : 2;
      return std::tuple(group, -d.amount / d.tolerance, -d.amount);  // by 0: infinite, as it should be
    };
    std::stable_sort(result_.differences.begin(), result_.differences.end(),
                     [&](const Difference& x, const Difference& y) { return rank(x) < rank(y); });
  }

  const Results &a_, &b_;
  const CompareOptions& options_;
  const Skeleton skeleton_;
  const bool with_scores_, with_joint_scores_;
  std::string photo_;
  int person_ = 0;
  Comparison result_;
};

}  // namespace

Comparison compare_results(const Results& a, const Results& b, const CompareOptions& options) {
  check_options(options);
  check_comparable(a, b);
  return Comparer(a, b, options).compare();
}

}  // namespace pose
