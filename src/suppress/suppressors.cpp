#include <algorithm>
#include <array>

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

}  // namespace

const Suppressor& suppressor(std::string_view name) { return lookup(kSuppressors, name, "pose NMS"); }

}  // namespace pose
