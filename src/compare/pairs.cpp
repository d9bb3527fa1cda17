#include "compare/pairs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "results/names.h"
#include "results/people.h"
#include "suppress/oks.h"

namespace pose {
namespace {

/// Less alike than this, two people are two people.
constexpr double kLeastSimilar = 0.5;

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::string without_ending(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot < name.size() - last_part(name).size() ? name : name.substr(0, dot);
}

/// A way to say which photo it is; "" where it says nothing.
using Key = std::string (*)(const PhotoPeople& photo);

std::string name_key(const PhotoPeople& photo) { return photo.name; }
std::string number_key(const PhotoPeople& photo) {
  const std::optional<std::int64_t> number = photo.number ? photo.number : coco_number(photo.name);
  return number ? std::to_string(*number) : "";
}
std::string file_key(const PhotoPeople& photo) { return last_part(photo.name); }
std::string ending_key(const PhotoPeople& photo) { return without_ending(photo.name); }
std::string stem_key(const PhotoPeople& photo) { return without_ending(last_part(photo.name)); }

/// Pairs those of `left_a` and `left_b` that are alone with their key on both sides.
void pair_by(Key key_a, Key key_b, const std::vector<PhotoPeople>& a, const std::vector<PhotoPeople>& b,
             Pairs& pairs) {
  std::map<std::string, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> of_key;
  for (const std::size_t i : pairs.only_a) of_key[key_a(a[i])].first.push_back(i);
  for (const std::size_t i : pairs.only_b) of_key[key_b(b[i])].second.push_back(i);
  pairs.only_a.clear();
  pairs.only_b.clear();
  for (const auto& [name, sides] : of_key) {
    const auto& [in_a, in_b] = sides;
    if (!name.empty() && in_a.size() == 1 && in_b.size() == 1) {
      pairs.both.emplace_back(in_a[0], in_b[0]);
      continue;
    }
    pairs.only_a.insert(pairs.only_a.end(), in_a.begin(), in_a.end());
    pairs.only_b.insert(pairs.only_b.end(), in_b.begin(), in_b.end());
  }
}

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = i;
  return all;
}

Pairs in_order(Pairs pairs) {
  std::sort(pairs.both.begin(), pairs.both.end());
  std::sort(pairs.only_a.begin(), pairs.only_a.end());
  std::sort(pairs.only_b.begin(), pairs.only_b.end());
  return pairs;
}

bool has_sure_joint(const Person& person) {
  return std::any_of(person.joints.begin(), person.joints.end(), [](const Joint& j) { return j.score > 0; });
}

/// A person with the area that OKS divides by.
Person with_area(Person person) {
  const double size = size_of(person);
  person.area = size * size;
  return person;
}

/// OKS where both have joints, else the overlap of their boxes.
double similarity(const Person& a, const Person& b, const Skeleton& skeleton) {
  if (has_sure_joint(a) && has_sure_joint(b)) return std::max(oks(a, b, skeleton, 0), oks(b, a, skeleton, 0));
  if (has_box(a) && has_box(b)) return double{iou(a.detection.box, b.detection.box, 0)};
  return 0;
}

std::vector<Person> with_areas(const std::vector<Person>& people) {
  std::vector<Person> result;
  for (const Person& person : people) result.push_back(with_area(person));
  return result;
}

}  // namespace

double size_of(const Person& person) {
  const Rect box = box_or_span(person);
  return std::max(std::sqrt(box.width * box.height), 1.0);
}

Pairs pair_photos(const std::vector<PhotoPeople>& a, const std::vector<PhotoPeople>& b) {
  Pairs pairs{{}, all_of(a.size()), all_of(b.size())};
  const auto has_numbers_alone = [](const std::vector<PhotoPeople>& photos) {
    return !photos.empty() && photos.front().name.empty();
  };
  const std::vector<std::pair<Key, Key>> by_number{{&number_key, &number_key}},
      by_name{{&name_key, &name_key},     {&file_key, &file_key}, {&ending_key, &name_key},
              {&name_key, &ending_key},   {&stem_key, &file_key}, {&file_key, &stem_key},
              {&ending_key, &ending_key}, {&stem_key, &stem_key}};
  for (const auto& [key_a, key_b] : has_numbers_alone(a) || has_numbers_alone(b) ? by_number : by_name)
    pair_by(key_a, key_b, a, b, pairs);
  return in_order(std::move(pairs));
}

Pairs pair_people(const std::vector<Person>& a, const std::vector<Person>& b, const Skeleton& skeleton) {
  struct Candidate {
    double similarity;
    std::size_t a, b;
  };
  const std::vector<Person> of_a = with_areas(a), of_b = with_areas(b);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      if (const double alike = similarity(of_a[i], of_b[k], skeleton); alike >= kLeastSimilar)
        candidates.push_back({alike, i, k});
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& x, const Candidate& y) { return x.similarity > y.similarity; });
  Pairs pairs;
  std::vector<bool> taken_a(a.size()), taken_b(b.size());
  for (const Candidate& c : candidates) {
    if (taken_a[c.a] || taken_b[c.b]) continue;
    taken_a[c.a] = taken_b[c.b] = true;
    pairs.both.emplace_back(c.a, c.b);
  }
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!taken_a[i]) pairs.only_a.push_back(i);
  for (std::size_t i = 0; i < b.size(); ++i)
    if (!taken_b[i]) pairs.only_b.push_back(i);
  return in_order(std::move(pairs));
}

}  // namespace pose
