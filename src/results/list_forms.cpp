// Lists of people with their boxes: AlphaPose's newer form, and a line per person.

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "results/entry_text.h"
#include "results/form_rows.h"
#include "results/people.h"

namespace pose {
namespace {

/// `"image_id": ..., "category_id": 1, "keypoints": [...], "score": ..., "BOX": [...]`
std::string entry_text(const PhotoPeople& photo, const Person& person, const char* box) {
  std::string text = "{\"image_id\": " + json_string(photo.name) + ", \"category_id\": 1, ";
  if (!person.joints.empty()) text += "\"keypoints\": " + joints_text(person) + ", ";
  text += "\"score\": " + number_text(person.score);
  if (has_box(person)) text += std::string(", \"") + box + "\": " + rect_text(person.detection.rect());
  return text;
}

}  // namespace

void write_alphapose_master(const Results& results, const std::string& path) {
  AtomicFile file(path);
  const char* separator = "[";
  for (const PhotoPeople& photo : results.photos)
    for (const Person& person : photo.people) {
      file.write(separator + entry_text(photo, person, "box") + ", \"idx\": [" + number_text(person.index) +
                 "]}");
      separator = ", ";
    }
  file.write(*separator == '[' ? "[]" : "]");
  file.commit();
}

void write_jsonl(const Results& results, const std::string& path) {
  AtomicFile file(path);
  for (const PhotoPeople& photo : results.photos)
    for (const Person& person : photo.people) file.write(entry_text(photo, person, "bbox") + "}\n");
  file.commit();
}

}  // namespace pose
