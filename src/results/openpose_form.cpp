// What OpenPose writes with --write_json: a file per photo, `NAME_keypoints.json`.

#include <nlohmann/json.hpp>

#include "results/entries.h"
#include "results/entry_text.h"
#include "results/folder_writer.h"
#include "results/form_rows.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr const char* kBody = "pose_keypoints_2d";
constexpr std::size_t kCoco = 18, kBody25 = 25;

}  // namespace

bool is_openpose(const json& document) {
  return document.is_object() && document.contains("people") && document["people"].is_array();
}

Results read_openpose(const json& document, const std::string& file) {
  const Entry root(document, "the file", file);
  const json& list = root.at("people");
  if (!list.is_array()) root.fail("people", "must be a list");
  Results results;
  results.photos.emplace_back();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry(list[i], "people[" + std::to_string(i) + "]", file);
    Person person;
    person.joints = entry.joints(kBody);
    if (person.joints.empty()) continue;  // a face or a hand alone
    if (person.joints.size() != kCoco && person.joints.size() != kBody25)
      entry.fail(kBody, "has " + std::to_string(person.joints.size()) +
                            " joints: only OpenPose's COCO (18) and BODY_25 are read");
    results.photos.back().people.push_back(std::move(person));
  }
  return results;
}

void write_openpose(const Results& results, const std::string& path) {
  FolderWriter folder(path, "_keypoints.json");
  for (const PhotoPeople& photo : results.photos) {
    std::string text = "{\"version\": 1.3, \"people\": [";
    for (std::size_t i = 0; i < photo.people.size(); ++i)
      text += std::string(i ? ", " : "") + "{\"person_id\": [-1], \"" + kBody +
              "\": " + joints_text(photo.people[i]) +
              ", \"face_keypoints_2d\": [], \"hand_left_keypoints_2d\": [], \"hand_right_keypoints_2d\": [], "
              "\"pose_keypoints_3d\": [], \"face_keypoints_3d\": [], \"hand_left_keypoints_3d\": [], "
              "\"hand_right_keypoints_3d\": []}";
    folder.add(photo, text + "]}\n");
  }
}

}  // namespace pose
