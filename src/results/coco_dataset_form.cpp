// Data sets of COCO's form, as labelling programs write them.

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "base/json_text.h"
#include "pose/error.h"
#include "results/entries.h"
#include "results/form_rows.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr int kLargestSide = 1'000'000;

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

const json& list_of(const Entry& entry, const char* key) {
  const json& list = entry.at(key);
  if (!list.is_array()) entry.fail(key, "must be a list");
  return list;
}

/// A whole number, or its text.
std::int64_t id_of(const Entry& entry, const char* key) {
  const json& id = entry.at(key);
  std::int64_t number = 0;
  if (id.is_string()) {
    const auto& text = id.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  }
  if (!id.is_number_integer() || (id.is_number_unsigned() && id.get<std::uint64_t>() > INT64_MAX))
    entry.fail(key, "must be a whole number");
  return id.get<std::int64_t>();
}

std::string text_of(const Entry& entry, const char* key) {
  const json& text = entry.at(key);
  if (!text.is_string()) entry.fail(key, "must be a text");
  return from_json_text(text.get_ref<const std::string&>());
}

int side_of(const Entry& entry, const char* key) {
  const json* side = entry.find(key);
  if (!side || side->is_null()) return 0;
  const double value = entry.number(*side, key);
  if (value < 0 || value > kLargestSide) entry.fail(key, "is out of range");
  return static_cast<int>(value);
}

/// Which category people are, and what the file says of their joints.
struct People {
  std::int64_t category = 1;
  std::vector<std::string> joint_names;
  std::vector<std::pair<int, int>> limbs;
};

std::vector<std::string> joint_names_of(const Entry& category) {
  std::vector<std::string> names;
  if (!category.find("keypoints")) return names;
  for (const json& name : list_of(category, "keypoints")) {
    if (!name.is_string()) category.fail("keypoints", "must be a list of names");
    names.push_back(from_json_text(name.get_ref<const std::string&>()));
  }
  return names;
}

/// Pairs that count from 1.
std::vector<std::pair<int, int>> limbs_of(const Entry& category, std::size_t joints) {
  std::vector<std::pair<int, int>> limbs;
  if (!category.find("skeleton")) return limbs;
  for (const json& limb : list_of(category, "skeleton")) {
    const auto end = [&](std::size_t i) {
      const double number = category.number(limb[i], "skeleton");
      if (number < 1 || number > static_cast<double>(joints))
        category.fail("skeleton", "names a joint that is not in keypoints (the first is 1)");
      return static_cast<int>(number) - 1;
    };
    if (!limb.is_array() || limb.size() != 2) category.fail("skeleton", "must be a list of pairs");
    limbs.emplace_back(end(0), end(1));
  }
  return limbs;
}

/// The category called person; else the only one, else the only one with keypoints.
People people_of(const Entry& root, const std::string& file) {
  if (!root.find("categories")) return {};
  const json& list = list_of(root, "categories");
  std::vector<Entry> with_joints, all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry category(list[i], item("categories", i), file);
    const json* name = category.find("name");
    if (name && *name == "person")
      return {id_of(category, "id"), joint_names_of(category),
              limbs_of(category, joint_names_of(category).size())};
    all.push_back(category);
    if (category.find("keypoints")) with_joints.push_back(category);
  }
  if (all.empty()) return {};
  const std::vector<Entry>& choice = all.size() == 1 ? all : with_joints;
  if (choice.size() != 1)
    root.fail("categories",
              "has no 'person', and not one alone with keypoints: call that of people 'person'");
  return {id_of(choice[0], "id"), joint_names_of(choice[0]),
          limbs_of(choice[0], joint_names_of(choice[0]).size())};
}

/// Labels have no score; `score` is there where a program wrote what it found.
Person person_of(const Entry& entry, std::size_t joints) {
  Person person;
  if (const json* score = entry.find("score")) person.score = entry.number(*score, "score");
  if (const json* area = entry.find("area")) person.area = entry.number(*area, "area");
  if (entry.find("bbox")) {
    const Rect rect = entry.rect("bbox");
    const float score = entry.find("score") ? static_cast<float>(person.score) : 1;  // somebody drew it
    person.detection = {rect.corners(), score, score, 0, rect};
  }
  if (!entry.find("keypoints")) return person;
  person.joints = entry.joints("keypoints");
  if (joints > 0 && !person.joints.empty() && person.joints.size() != joints)
    entry.fail("keypoints", "has " + std::to_string(person.joints.size()) + " joints, and the category has " +
                                std::to_string(joints));
  return person;
}

bool is_crowd(const Entry& entry) {
  const json* crowd = entry.find("iscrowd");
  return crowd && (*crowd == 1 || *crowd == true);
}

using Places = std::unordered_map<std::int64_t, std::size_t>;

Places read_images(const Entry& root, const std::string& file, std::vector<PhotoPeople>& photos) {
  const json& list = list_of(root, "images");
  Places places;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry image(list[i], item("images", i), file);
    PhotoPeople photo;
    photo.number = id_of(image, "id");
    photo.name = text_of(image, "file_name");
    photo.size = {side_of(image, "width"), side_of(image, "height")};
    if (!places.try_emplace(*photo.number, photos.size()).second) image.fail("id", "stands twice");
    if (!names.insert(photo.name).second) image.fail("file_name", "stands twice: '" + photo.name + "'");
    photos.push_back(std::move(photo));
  }
  return places;
}

}  // namespace

bool is_coco_dataset(const json& document) {
  const auto has_list = [&](const char* key) { return document.contains(key) && document[key].is_array(); };
  return document.is_object() && has_list("images") && has_list("annotations");
}

Results read_coco_dataset(const json& document, const std::string& file) {
  const Entry root(document, "the file", file);
  Results results;
  const Places places = read_images(root, file, results.photos);
  People people = people_of(root, file);
  const json& list = list_of(root, "annotations");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry(list[i], item("annotations", i), file);
    if (entry.find("category_id") && id_of(entry, "category_id") != people.category) continue;
    const auto place = places.find(id_of(entry, "image_id"));
    if (place == places.end()) entry.fail("image_id", "is not the id of an image of the file");
    PhotoPeople& photo = results.photos[place->second];
    (is_crowd(entry) ? photo.crowds : photo.people).push_back(person_of(entry, people.joint_names.size()));
  }
  results.joint_names = std::move(people.joint_names);
  results.limbs = std::move(people.limbs);
  results.visibility = true;
  return results;
}

}  // namespace pose
