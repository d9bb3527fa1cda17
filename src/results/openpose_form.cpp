// What OpenPose writes with --write_json: a file per photo, `NAME_keypoints.json`.

#include <nlohmann/json.hpp>

#include "results/entries.h"
#include "results/form_rows.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr const char* kJoints = "pose_keypoints_2d";
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
    person.joints = entry.joints(kJoints);
    if (person.joints.empty()) continue;  // a face or a hand alone
    if (person.joints.size() != kCoco && person.joints.size() != kBody25)
      entry.fail(kJoints, "has " + std::to_string(person.joints.size()) +
                              " joints: only OpenPose's COCO (18) and BODY_25 are read");
    results.photos.back().people.push_back(std::move(person));
  }
  return results;
}

}  // namespace pose
