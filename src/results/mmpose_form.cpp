// What mmpose's inferencer writes as predictions: a file per photo.

#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "results/entries.h"
#include "results/folder_writer.h"
#include "results/form_rows.h"
#include "results/people.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr const char* kInstances = "instance_info";

bool is_instance(const json& value) {
  return value.is_object() && value.contains("keypoints") && value.contains("keypoint_scores");
}

Box corners_of(const Entry& entry) {
  const json& outer = entry.at("bbox");
  const json& list = outer.is_array() && outer.size() == 1 ? outer[0] : outer;
  if (!list.is_array() || list.size() != 4) entry.fail("bbox", "must be [[x1, y1, x2, y2]]");
  const auto value = [&](std::size_t i) { return static_cast<float>(entry.number(list[i], "bbox")); };
  const Box box{value(0), value(1), value(2), value(3)};
  if (!(box.x1 <= box.x2 && box.y1 <= box.y2)) entry.fail("bbox", "is out of range");
  return box;
}

std::vector<Joint> joints_of(const Entry& entry) {
  const json &places = entry.at("keypoints"), &scores = entry.at("keypoint_scores");
  if (!places.is_array() || !scores.is_array() || places.size() != scores.size())
    entry.fail("keypoints", "must be a list of [x, y], as long as keypoint_scores");
  std::vector<Joint> joints;
  for (std::size_t k = 0; k < places.size(); ++k) {
    const std::string place = "keypoints[" + std::to_string(k) + "]";
    if (!places[k].is_array() || places[k].size() != 2) entry.fail(place, "must be [x, y]");
    joints.push_back({static_cast<float>(entry.number(places[k][0], place)),
                      static_cast<float>(entry.number(places[k][1], place)),
                      static_cast<float>(entry.number(scores[k], "keypoint_scores"))});
  }
  return joints;
}

Person person_of(const Entry& entry) {
  Person person;
  person.joints = joints_of(entry);
  if (const json* score = entry.find("bbox_score")) person.score = entry.number(*score, "bbox_score");
  if (entry.find("bbox")) {
    const Box box = corners_of(entry);
    const auto score = static_cast<float>(person.score);
    person.detection = {box, score, score, 0, rect_of(box)};
  }
  return person;
}

std::string corners_text(const Rect& rect) {
  const Box box = rect.corners();
  return "[[" + number_text(box.x1) + ", " + number_text(box.y1) + ", " + number_text(box.x2) + ", " +
         number_text(box.y2) + "]]";
}

std::string instance_text(const Person& person) {
  std::string places, scores;
  for (std::size_t k = 0; k < person.joints.size(); ++k) {
    const Joint& joint = person.joints[k];
    places += (k ? ", [" : "[") + number_text(joint.x) + ", " + number_text(joint.y) + "]";
    scores += (k ? ", " : "") + number_text(joint.score);
  }
  return "{\"keypoints\": [" + places + "], \"keypoint_scores\": [" + scores +
         "], \"bbox\": " + corners_text(box_or_span(person)) +
         ", \"bbox_score\": " + number_text(person.score) + "}";
}

}  // namespace

bool is_mmpose(const json& document) {
  if (document.is_array()) return !document.empty() && is_instance(document[0]);
  return document.is_object() && document.contains(kInstances);
}

Results read_mmpose(const json& document, const std::string& file) {
  const json& list = document.is_object() ? Entry(document, "the file", file).at(kInstances) : document;
  if (!list.is_array()) throw Error::format(file + ": must be a list of instances");
  Results results;
  results.photos.emplace_back();
  for (std::size_t i = 0; i < list.size(); ++i)
    results.photos.back().people.push_back(person_of(Entry(list[i], "[" + std::to_string(i) + "]", file)));
  return results;
}

void write_mmpose(const Results& results, const std::string& path) {
  FolderWriter folder(path, ".json");
  for (const PhotoPeople& photo : results.photos) {
    std::string text = "[";
    for (std::size_t i = 0; i < photo.people.size(); ++i)
      text += (i ? ", " : "") + instance_text(photo.people[i]);
    folder.add(photo, text + "]\n");
  }
}

}  // namespace pose
