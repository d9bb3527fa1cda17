#include "evaluate/ground_truth.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/json_scanner.h"
#include "base/read_file.h"
#include "pose/error.h"

namespace pose {
namespace {

struct Category {
  std::int64_t id = 0;
  std::string name;
};

/// An annotation as it stands in the file: of any category, its photo not yet looked up.
struct Annotation {
  TruePerson person;
  std::int64_t photo_id = -1, category = -1;
  std::optional<std::int64_t> labelled;
  bool has_id = false, has_photo = false, has_category = false, has_joints = false, has_box = false,
       has_area = false;
};

struct Document {
  std::vector<TruePhoto> photos;
  std::vector<Category> categories;
  std::vector<Annotation> annotations;
  bool has_photos = false, has_annotations = false;
};

TruePhoto read_photo(JsonScanner& json) {
  TruePhoto photo;
  bool has_id = false;
  std::string name;
  json.begin_object();
  while (json.next_member(name)) {
    if (name == "id") {
      photo.id = json.integer();
      has_id = true;
    } else if (name == "file_name") {
      photo.name = json.text();
    } else {
      json.skip();
    }
  }
  if (!has_id) json.fail("the photo before this has no 'id'");
  return photo;
}

Category read_category(JsonScanner& json) {
  Category category;
  std::string name;
  json.begin_object();
  while (json.next_member(name)) {
    if (name == "id")
      category.id = json.integer();
    else if (name == "name")
      category.name = json.text();
    else
      json.skip();
  }
  return category;
}

std::array<double, 4> read_box(JsonScanner& json, const std::string& name) {
  const std::string rule = "'" + name + "' must be four numbers: x, y, width, height";
  std::array<double, 4> box{};
  std::size_t count = 0;
  json.begin_list();
  while (json.next_item()) {
    if (count == box.size()) json.fail(rule);
    box[count++] = json.number();
  }
  if (count != box.size()) json.fail(rule);
  return box;
}

Annotation read_annotation(JsonScanner& json) {
  Annotation a;
  std::string name;
  json.begin_object();
  while (json.next_member(name)) {
    if (name == "id") {
      a.person.id = json.integer();
      a.has_id = true;
    } else if (name == "image_id") {
      a.photo_id = json.integer();
      a.has_photo = true;
    } else if (name == "category_id") {
      a.category = json.integer();
      a.has_category = true;
    } else if (name == "keypoints") {
      a.person.joints.clear();
      json.begin_list();
      while (json.next_item()) a.person.joints.push_back(json.number());
      a.has_joints = true;
    } else if (name == "bbox") {
      a.person.box = read_box(json, name);
      a.has_box = true;
    } else if (name == "head_box") {
      a.person.head_box = read_box(json, name);
    } else if (name == "area") {
      a.person.area = json.number();
      a.has_area = true;
    } else if (name == "iscrowd") {
      a.person.crowd = json.truth();
    } else if (name == "num_keypoints") {
      a.labelled = json.integer();
    } else {
      json.skip();
    }
  }
  if (!a.has_id) json.fail("the annotation before this has no 'id'");
  if (!a.has_photo) json.fail("the annotation before this has no 'image_id'");
  if (!a.has_category) json.fail("the annotation before this has no 'category_id'");
  if (a.person.area < 0) json.fail("the annotation before this has an 'area' below 0");
  return a;
}

template <typename Item>
void read_list(JsonScanner& json, std::vector<Item>& items, Item (*read)(JsonScanner&)) {
  items.clear();
  json.begin_list();
  while (json.next_item()) items.push_back(read(json));
}

Document read_document(JsonScanner& json) {
  Document document;
  if (json.peek() == '[')
    json.fail(
        "this is a list, as results are; the ground truth is an object with 'images' and 'annotations'");
  std::string name;
  json.begin_object();
  while (json.next_member(name)) {
    if (name == "images") {
      read_list(json, document.photos, &read_photo);
      document.has_photos = true;
    } else if (name == "annotations") {
      read_list(json, document.annotations, &read_annotation);
      document.has_annotations = true;
    } else if (name == "categories") {
      read_list(json, document.categories, &read_category);
    } else {
      json.skip();
    }
  }
  json.finish();
  return document;
}

/// The only category, or the one called "person".
std::int64_t person_category(const Document& document, const std::string& file) {
  const std::vector<Category>& all = document.categories;
  if (all.size() == 1) return all.front().id;
  const auto person =
      std::find_if(all.begin(), all.end(), [](const Category& c) { return c.name == "person"; });
  if (person == all.end())
    throw Error::format(file + ": 'categories' must have one entry, or one with the name 'person'");
  return person->id;
}

void sort_photos(std::vector<TruePhoto>& photos, const std::string& file) {
  std::sort(photos.begin(), photos.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto twice = std::adjacent_find(photos.begin(), photos.end(),
                                        [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twice != photos.end())
    throw Error::format(file + ": two entries of 'images' have the id " + std::to_string(twice->id));
}

int photo_of(const std::vector<TruePhoto>& photos, std::int64_t id) {
  const auto found =
      std::lower_bound(photos.begin(), photos.end(), id, [](const auto& p, auto i) { return p.id < i; });
  return found == photos.end() || found->id != id ? -1 : static_cast<int>(found - photos.begin());
}

/// The skeleton of people with so many numbers in their joints.
const Skeleton& skeleton_of(std::size_t numbers, const std::string& place) {
  for (const Skeleton& skeleton : skeletons())
    if (3 * skeleton.joints.size() == numbers) return skeleton;
  throw Error::unsupported(
      place + " has " + std::to_string(numbers) +
      " numbers in 'keypoints'; 51 (COCO's 17 joints), 48 (MPII's 16), 54 and 75 (OpenPose's 18 "
      "and 25) are known");
}

/// A person whose joints, box and area are proved.
TruePerson complete(Annotation&& a, const GroundTruth& truth) {
  const std::string place = truth.file + ": annotation " + std::to_string(a.person.id);
  TruePerson person = std::move(a.person);
  if (!a.has_joints)
    throw Error::format(
        place + " has no 'keypoints'; COCO's are in person_keypoints_*.json, not in instances_*.json");
  const std::size_t numbers = 3 * truth.skeleton->joints.size();
  if (person.joints.size() != numbers)
    throw Error::format(place + " has " + std::to_string(person.joints.size()) +
                        " numbers in 'keypoints', not " + std::to_string(numbers) + " as the first");
  if (!a.has_box) throw Error::format(place + " has no 'bbox'");
  if (!a.has_area) person.area = std::max(person.box[2], 0.0) * std::max(person.box[3], 0.0);
  for (std::size_t i = 2; i < numbers; i += 3) person.labelled += person.joints[i] > 0;
  person.ignored = person.crowd || a.labelled.value_or(person.labelled) == 0;
  return person;
}

void take_people(Document& document, GroundTruth& truth) {
  std::set<std::int64_t> ids;
  std::size_t without_area = 0, elsewhere = 0;
  for (Annotation& a : document.annotations) {
    if (a.category != truth.category) continue;
    const std::int64_t id = a.person.id;
    if (!ids.insert(id).second)
      throw Error::format(truth.file + ": two entries of 'annotations' have the id " + std::to_string(id));
    const int photo = photo_of(truth.photos, a.photo_id);
    elsewhere += photo < 0;
    if (photo < 0) continue;
    if (!truth.skeleton)
      truth.skeleton =
          &skeleton_of(a.person.joints.size(), truth.file + ": annotation " + std::to_string(id));
    without_area += !a.has_area;
    truth.people.push_back(complete(std::move(a), truth));
    truth.people.back().photo = photo;
  }
  if (without_area > 0)
    truth.notes.push_back(std::to_string(without_area) + " people of " + truth.file +
                          " have no 'area'; that of their box is taken, which is greater than COCO's");
  if (elsewhere > 0)
    truth.notes.push_back(std::to_string(elsewhere) + " people of " + truth.file +
                          " are on photos that it does not list, and do not count");
  if (ids.count(0) > 0)
    truth.notes.push_back("annotation 0 of " + truth.file +
                          " counts as never found, as pycocotools does; number annotations from 1");
}

}  // namespace

GroundTruth read_ground_truth(const std::string& path) {
  const FileBytes file = read_file(path, kLargestPeopleFile);
  JsonScanner json(text_of(file), path);
  Document document = read_document(json);
  if (!document.has_photos || !document.has_annotations)
    throw Error::format(path + ": no ground truth of COCO's form: '" +
                        (document.has_photos ? "annotations" : "images") + "' is missing");
  GroundTruth truth;
  truth.file = path;
  truth.category = person_category(document, path);
  truth.photos = std::move(document.photos);
  sort_photos(truth.photos, path);
  take_people(document, truth);
  if (std::all_of(truth.people.begin(), truth.people.end(), [](const TruePerson& p) { return p.ignored; }))
    throw Error::mismatch(path + ": nobody on its photos has labelled joints, so there is nothing to find");
  return truth;
}

}  // namespace pose
