// labelme's files, one per photo: points and rectangles with a label; what is of one person has one group.

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "results/entries.h"
#include "results/folder_writer.h"
#include "results/form_rows.h"
#include "results/people.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPerson = "person";

struct Group {
  std::map<std::string, Joint> joints;
  std::optional<Box> box;
};

std::string text_of(const Entry& entry, const char* key) {
  const json& value = entry.at(key);
  if (!value.is_string()) entry.fail(key, "must be a text");
  return from_json_text(value.get_ref<const std::string&>());
}

std::vector<std::pair<float, float>> points_of(const Entry& shape, std::size_t count) {
  const json& list = shape.at("points");
  std::vector<std::pair<float, float>> points;
  const auto number = [&](const json& value) { return static_cast<float>(shape.number(value, "points")); };
  if (!list.is_array() || list.size() != count)
    shape.fail("points", "must be a list of " + std::to_string(count) + " points");
  for (const json& point : list) {
    if (!point.is_array() || point.size() != 2) shape.fail("points", "must be a list of [x, y]");
    points.emplace_back(number(point[0]), number(point[1]));
  }
  return points;
}

/// Shapes of other kinds, and rectangles of other labels, are of something else.
void add_shape(const Entry& shape, std::map<std::int64_t, Group>& groups) {
  const std::string label = text_of(shape, "label"), type = text_of(shape, "shape_type");
  const bool is_person = type == "rectangle" && label == kPerson;
  if (type != "point" && !is_person) return;
  const json* id = shape.find("group_id");
  if (!id || id->is_null())
    shape.fail("group_id", "is missing: the points of one person need the same number");
  Group& group = groups[static_cast<std::int64_t>(shape.number(*id, "group_id"))];
  if (is_person) {
    const auto corners = points_of(shape, 2);
    const auto [x1, x2] = std::minmax(corners[0].first, corners[1].first);
    const auto [y1, y2] = std::minmax(corners[0].second, corners[1].second);
    group.box = Box{x1, y1, x2, y2};
    return;
  }
  const auto [x, y] = points_of(shape, 1)[0];
  if (!group.joints.try_emplace(label, Joint{x, y, 2}).second)
    shape.fail("label", "stands twice in its group: '" + label + "'");
}

bool has_joint(const Skeleton& skeleton, const std::string& name) {
  return std::any_of(skeleton.joints.begin(), skeleton.joints.end(),
                     [&](const JointInfo& joint) { return joint.name == name; });
}

/// The first skeleton of the table that knows all labels; null if there are none.
const Skeleton* skeleton_of(const std::map<std::int64_t, Group>& groups, const std::string& file) {
  std::vector<std::string> names;
  for (const auto& [id, group] : groups)
    for (const auto& [name, joint] : group.joints) names.push_back(name);
  if (names.empty()) return nullptr;
  for (const Skeleton& skeleton : skeletons())
    if (std::all_of(names.begin(), names.end(), [&](const auto& name) { return has_joint(skeleton, name); }))
      return &skeleton;
  const auto odd = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return std::none_of(skeletons().begin(), skeletons().end(),
                        [&](const Skeleton& skeleton) { return has_joint(skeleton, name); });
  });
  throw Error::format(file +
                      ": points are called like the joints of one skeleton (nose, left_eye ...), and " +
                      (odd == names.end() ? "these are of several" : "'" + *odd + "' is none"));
}

Person person_of(const Group& group, const Skeleton* skeleton) {
  Person person;
  if (group.box) person.detection = {*group.box, 1, 1, 0, rect_of(*group.box)};  // somebody drew it
  if (group.joints.empty()) return person;
  for (const JointInfo& joint : skeleton->joints) {
    const auto found = group.joints.find(std::string(joint.name));
    person.joints.push_back(found == group.joints.end() ? Joint{} : found->second);
  }
  return person;
}

int side_of(const Entry& root, const char* key) {
  const json* side = root.find(key);
  return side && !side->is_null() ? static_cast<int>(std::max(root.number(*side, key), 0.0)) : 0;
}

std::string shape_text(const std::string& label, const std::string& points, std::size_t group,
                       const char* type) {
  return "{\"label\": " + json_string(label) + ", \"points\": [" + points +
         "], \"group_id\": " + std::to_string(group) + ", \"description\": \"\", \"shape_type\": \"" + type +
         "\", \"flags\": {}}";
}

std::string point_text(float x, float y) { return "[" + number_text(x) + ", " + number_text(y) + "]"; }

std::string shapes_text(const Results& results, const PhotoPeople& photo) {
  std::string text;
  const auto add = [&](const std::string& shape) { text += (text.empty() ? "\n" : ",\n") + shape; };
  for (std::size_t i = 0; i < photo.people.size(); ++i) {
    const Person& person = photo.people[i];
    const Box box = box_or_span(person).corners();
    add(shape_text(kPerson, point_text(box.x1, box.y1) + ", " + point_text(box.x2, box.y2), i, "rectangle"));
    for (std::size_t k = 0; k < person.joints.size(); ++k)
      if (person.joints[k].score >= 1)
        add(shape_text(joint_name(results, k), point_text(person.joints[k].x, person.joints[k].y), i,
                       "point"));
  }
  return text;
}

std::string side_text(int side) { return side > 0 ? std::to_string(side) : "null"; }

}  // namespace

bool is_labelme(const json& document) {
  return document.is_object() && document.contains("shapes") && document.contains("imagePath");
}

Results read_labelme(const json& document, const std::string& file) {
  const Entry root(document, "the file", file);
  const json& shapes = root.at("shapes");
  if (!shapes.is_array()) root.fail("shapes", "must be a list");
  std::map<std::int64_t, Group> groups;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    add_shape(Entry(shapes[i], "shapes[" + std::to_string(i) + "]", file), groups);
  const Skeleton* skeleton = skeleton_of(groups, file);
  Results results;
  results.visibility = true;
  PhotoPeople& photo = results.photos.emplace_back();
  photo.name = fs::path(text_of(root, "imagePath")).filename().string();
  photo.size = {side_of(root, "imageWidth"), side_of(root, "imageHeight")};
  for (const auto& [id, group] : groups) photo.people.push_back(person_of(group, skeleton));
  return results;
}

void write_labelme(const Results& results, const std::string& path) {
  FolderWriter folder(path, ".json");
  for (const PhotoPeople& photo : results.photos)
    folder.add(photo, "{\"version\": \"5.4.1\", \"flags\": {}, \"shapes\": [" + shapes_text(results, photo) +
                          "],\n\"imagePath\": " + json_string(fs::path(photo.name).filename().string()) +
                          ", \"imageData\": null, \"imageHeight\": " + side_text(photo.size.height) +
                          ", \"imageWidth\": " + side_text(photo.size.width) + "}\n");
}

}  // namespace pose
