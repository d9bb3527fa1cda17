#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/lookup.h"
#include "suppress/oks.h"
#include "suppress/parametric.h"

namespace pose {
namespace {

std::vector<Person> rescored_people(std::vector<Person> people, const SuppressOptions& options) {
  for (Person& person : people) person.score = rescored(person, options.in_vis_threshold);
  return people;
}

std::vector<Person> chosen(const std::vector<Person>& people, const std::vector<int>& indices) {
  std::vector<Person> result;
  for (const int i : indices) result.push_back(people[static_cast<std::size_t>(i)]);
  return result;
}

std::vector<Person> apply_oks(std::vector<Person> people, const Skeleton& skeleton,
                              const SuppressOptions& options) {
  people = rescored_people(std::move(people), options);
  return chosen(people, oks_nms(people, skeleton, options.oks_threshold));
}

std::vector<Person> apply_soft_oks(std::vector<Person> people, const Skeleton& skeleton,
                                   const SuppressOptions& options) {
  people = rescored_people(std::move(people), options);
  return chosen(people, soft_oks_nms(people, skeleton, options.oks_threshold, options.soft_max_people));
}

std::vector<Person> apply_none(std::vector<Person> people, const Skeleton&, const SuppressOptions& options) {
  people = rescored_people(std::move(people), options);
  std::stable_sort(people.begin(), people.end(),
                   [](const Person& a, const Person& b) { return a.score > b.score; });
  return people;
}

constexpr std::array<Suppressor, 4> kSuppressors{{
    {"parametric", "AlphaPose: near poses become one, joints are averaged", &parametric_nms},
    {"oks", "HRNet: of poses with OKS above the threshold the best stays", &apply_oks},
    {"soft-oks", "HRNet: near poses sink in the order, 20 stay", &apply_soft_oks},
    {"none", "everyone the detector found, best first", &apply_none},
}};

void require(bool good, const std::string& what) {
  if (!good) throw Error::usage(what);
}

bool is_finite(const Person& person) {
  return std::isfinite(person.score) && std::isfinite(person.area) && std::isfinite(person.detection.score) &&
         std::all_of(person.joints.begin(), person.joints.end(), [](const Joint& joint) {
           return std::isfinite(joint.x) && std::isfinite(joint.y) && std::isfinite(joint.score);
         });
}

}  // namespace

void check_suppress_options(const SuppressOptions& o) {
  const std::pair<const char*, double> lengths[] = {
      {"delta1", o.delta1}, {"alpha", o.alpha}, {"match_cap", o.match_cap}, {"merge_cap", o.merge_cap}};
  for (const auto& [name, value] : lengths)
    require(value >= 0 && std::isfinite(value),
            std::string("pose NMS: ") + name + " must be a number of at least 0");
  const std::pair<const char*, double> any[] = {{"mu", o.mu},
                                                {"gamma", o.gamma},
                                                {"score_threshold", o.score_threshold},
                                                {"area_threshold", o.area_threshold},
                                                {"in_vis_threshold", o.in_vis_threshold}};
  for (const auto& [name, value] : any)
    require(std::isfinite(value), std::string("pose NMS: ") + name + " must be a finite number");
  require(o.delta2 > 0 && std::isfinite(o.delta2), "pose NMS: delta2 must be a number greater than 0");
  require(o.oks_threshold > 0 && o.oks_threshold <= 1,
          "pose NMS: oks_threshold must lie above 0 and not above 1");
  require(o.match_threshold >= 1, "pose NMS: match_threshold must be at least 1");
  require(o.soft_max_people >= 1, "pose NMS: soft_max_people must be at least 1");
}

std::vector<Person> Suppressor::apply(std::vector<Person> people, const Skeleton& skeleton,
                                      const SuppressOptions& options) const {
  check_suppress_options(options);
  for (const Person& person : people) {
    require(person.joints.size() == skeleton.joints.size(),
            "pose NMS: a person has " + std::to_string(person.joints.size()) + " joints, but the skeleton '" +
                std::string(skeleton.name) + "' has " + std::to_string(skeleton.joints.size()));
    require(is_finite(person), "pose NMS: a person has a joint, a score or an area that is not finite");
  }
  std::vector<Person> result = rule(std::move(people), skeleton, options);
  if (!std::all_of(result.begin(), result.end(), &is_finite))
    throw Error::mismatch(
        "the pose network gave scores that are too large to compute with; do its weights and the model card "
        "belong together?");
  return result;
}

const Suppressor& suppressor(std::string_view name) { return lookup(kSuppressors, name, "pose NMS"); }

}  // namespace pose
