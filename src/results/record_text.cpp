#include "results/record_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/finite.h"
#include "base/json_reader.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "results/names.h"

namespace pose {
namespace {

constexpr int kJournalVersion = 1;
constexpr std::string_view kBeginning = "{\"journal\": ";
constexpr std::string_view kPhoto = "{\"photo\": ";
constexpr std::size_t kLongestText = 1 << 22;  // a command line may be as long
constexpr std::size_t kDetectionNumbers = 7, kJointNumbers = 3;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr double kLongestRun = 1e12;  // seconds
constexpr std::int64_t kLargestSide = std::numeric_limits<int>::max();

template <typename Items, typename Text>
std::string list_text(const Items& items, Text text_of) {
  std::string text = "[";
  for (const auto& item : items) text += (text.size() > 1 ? ", " : "") + text_of(item);
  return text + "]";
}

std::string numbers_text(const Detection& d) {
  return number_text(d.box.x1) + ", " + number_text(d.box.y1) + ", " + number_text(d.box.x2) + ", " +
         number_text(d.box.y2) + ", " + number_text(d.score) + ", " + number_text(d.class_score) + ", " +
         std::to_string(d.class_id);
}

std::string numbers_text(const Rect& r) {
  return number_text(r.x) + ", " + number_text(r.y) + ", " + number_text(r.width) + ", " +
         number_text(r.height);
}

/// Boxes of a file, which are all of the photo's or none.
bool are_given(const std::vector<Detection>& boxes) {
  return !boxes.empty() &&
         std::all_of(boxes.begin(), boxes.end(), [](const Detection& d) { return d.given; });
}

std::string person_text(const Person& person) {
  return "{\"box\": [" + numbers_text(person.detection) + "], \"score\": " + number_text(person.score) +
         ", \"area\": " + number_text(person.area) + ", \"index\": " + std::to_string(person.index) +
         ", \"merged\": " + list_text(person.merged, [](int i) { return std::to_string(i); }) +
         ", \"joints\": " +
         list_text(person.joints,
                   [](const Joint& j) {
                     return number_text(j.x) + ", " + number_text(j.y) + ", " + number_text(j.score);
                   }) +
         (person.center_scale ? ", \"center_scale\": " + list_text(*person.center_scale, number_text) : "") +
         "}";
}

std::string setting_text(const Setting& s) {
  return "{\"name\": " + json_string(s.name) + ", \"value\": " + json_string(s.value) +
         ", \"shapes_results\": " + (s.shapes_results ? "true" : "false") + "}";
}

std::string model_text(const ModelInfo& m) {
  return "{\"role\": " + json_string(m.role) + ", \"name\": " + json_string(m.name) +
         ", \"weights\": " + json_string(m.weights) + ", \"sha256\": " + json_string(m.sha256) + "}";
}

/// Numbers of f32 that were widened when they were written. What is no f32 is no journal of ours.
float f32(double value, const ObjectReader& reader, const std::string& key) {
  if (!(std::abs(value) <= std::numeric_limits<float>::max())) reader.fail(key, "has a number out of range");
  return static_cast<float>(value);
}

int whole(double value, const ObjectReader& reader, const std::string& key) {
  if (value != std::floor(value) || std::abs(value) > kLargestSide)
    reader.fail(key, "has a number that should be whole");
  return static_cast<int>(value);
}

std::vector<Detection> detections_of(ObjectReader& reader, const std::string& key) {
  const std::vector<double> v = reader.numbers(key);
  if (v.size() % kDetectionNumbers != 0) reader.fail(key, "must have seven numbers a box");
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < v.size(); i += kDetectionNumbers) {
    const auto at = [&](std::size_t k) { return f32(v[i + k], reader, key); };
    detections.push_back({{at(0), at(1), at(2), at(3)}, at(4), at(5), whole(v[i + 6], reader, key)});
  }
  return detections;
}

Person person_of(ObjectReader reader) {
  Person person;
  const std::vector<Detection> box = detections_of(reader, "box");
  if (box.size() != 1) reader.fail("box", "must be one box");
  person.detection = box[0];
  person.score = reader.number("score");
  person.area = reader.number("area");
  person.index = static_cast<int>(reader.integer("index", 0, kLargestSide));
  for (const double i : reader.numbers("merged")) person.merged.push_back(whole(i, reader, "merged"));
  const std::vector<double> joints = reader.numbers("joints");
  if (joints.size() % kJointNumbers != 0) reader.fail("joints", "must have three numbers a joint");
  for (std::size_t k = 0; k < joints.size(); k += kJointNumbers) {
    const auto at = [&](std::size_t i) { return f32(joints[k + i], reader, "joints"); };
    person.joints.push_back({at(0), at(1), at(2)});
  }
  if (reader.has("center_scale")) {
    const std::vector<double> v = reader.numbers("center_scale");
    if (v.size() != 4) reader.fail("center_scale", "must be four numbers");
    const auto at = [&](std::size_t i) { return f32(v[i], reader, "center_scale"); };
    person.center_scale = {at(0), at(1), at(2), at(3)};
  }
  reader.finish();
  return person;
}

/// What files gave of the photo's boxes and, by their number, of its people.
void read_given(ObjectReader& reader, PhotoRecord& photo) {
  if (!reader.has("given")) return;
  const std::vector<double> v = reader.numbers("given");
  if (v.size() != 4 * photo.boxes.size()) reader.fail("given", "must have four numbers a box");
  for (std::size_t i = 0; i < photo.boxes.size(); ++i)
    photo.boxes[i].given = Rect{v[4 * i], v[4 * i + 1], v[4 * i + 2], v[4 * i + 3]};
  for (Person& person : photo.people)
    if (const auto i = static_cast<std::size_t>(person.index); i < photo.boxes.size())
      person.detection.given = photo.boxes[i].given;
}

std::string text_of(ObjectReader& reader, const std::string& key) {
  return from_json_text(reader.text(key, kLongestText));
}

Error error_of(ObjectReader reader) {
  const Error error(error_kind(reader.text("kind")), text_of(reader, "message"));
  reader.finish();
  return error;
}

JournalRecord record_of(ObjectReader& reader) {
  JournalRecord record;
  PhotoRecord& photo = record.photo;
  photo.index = static_cast<std::size_t>(reader.integer("photo", 0, kLargest));
  photo.name = text_of(reader, "name");
  if (!stays_inside(photo.name)) reader.fail("name", "leads out of the folder of results");
  photo.path = text_of(reader, "path");
  photo.file.bytes = reader.integer("bytes", -1, kLargest);
  photo.file.modified_ns = reader.integer("modified_ns", std::numeric_limits<std::int64_t>::min(), kLargest);
  photo.size.width = static_cast<int>(reader.integer("width", 0, kLargestSide));
  photo.size.height = static_cast<int>(reader.integer("height", 0, kLargestSide));
  photo.seconds = reader.number("seconds");
  record.at = reader.number("at");
  if (reader.has("warning")) photo.warning = text_of(reader, "warning");
  if (reader.has("error")) photo.error = error_of(reader.object("error"));
  photo.boxes = detections_of(reader, "boxes");
  for (const ObjectReader& person : reader.objects("people")) photo.people.push_back(person_of(person));
  read_given(reader, photo);
  return record;
}

RunInfo run_of(ObjectReader& reader) {
  RunInfo run;
  reader.integer("journal", kJournalVersion, kJournalVersion);
  run.version = reader.text("version");
  run.photos = static_cast<std::size_t>(reader.integer("photos", 0, kLargest));
  run.whole = static_cast<std::size_t>(reader.integer_or("whole", 0, 0, kLargest));
  run.seconds_before = reader.number_or("seconds_before", 0, 0, kLongestRun);
  run.skeleton = reader.text("skeleton");
  run.form = reader.text("form");
  run.boxes_file = text_of(reader, "boxes_file");
  if (reader.has("note")) run.note = text_of(reader, "note");
  for (ObjectReader& s : reader.objects("options")) {
    run.settings.push_back({text_of(s, "name"), text_of(s, "value"), s.truth("shapes_results"), false});
    s.finish();
  }
  for (ObjectReader& m : reader.objects("models")) {
    run.models.push_back(
        {text_of(m, "role"), text_of(m, "name"), text_of(m, "weights"), text_of(m, "sha256")});
    m.finish();
  }
  return run;
}

}  // namespace

std::string line_of(const RunInfo& run) {
  return std::string(kBeginning) + std::to_string(kJournalVersion) +
         ", \"version\": " + json_string(run.version) + ", \"photos\": " + std::to_string(run.photos) +
         (run.whole > 0 ? ", \"whole\": " + std::to_string(run.whole) : "") +
         (run.seconds_before > 0 ? ", \"seconds_before\": " + number_text(run.seconds_before) : "") +
         ", \"skeleton\": " + json_string(run.skeleton) + ", \"form\": " + json_string(run.form) +
         ", \"boxes_file\": " + json_string(run.boxes_file) +
         (run.note.empty() ? "" : ", \"note\": " + json_string(run.note)) +
         ", \"options\": " + list_text(run.settings, setting_text) +
         ", \"models\": " + list_text(run.models, model_text) + "}";
}

std::string line_of(const JournalRecord& record) {
  const PhotoRecord& photo = record.photo;
  std::string text = std::string(kPhoto) + std::to_string(photo.index) +
                     ", \"name\": " + json_string(photo.name) + ", \"path\": " + json_string(photo.path) +
                     ", \"bytes\": " + std::to_string(photo.file.bytes) +
                     ", \"modified_ns\": " + std::to_string(photo.file.modified_ns) +
                     ", \"width\": " + std::to_string(photo.size.width) +
                     ", \"height\": " + std::to_string(photo.size.height) +
                     ", \"seconds\": " + number_text(photo.seconds) + ", \"at\": " + number_text(record.at);
  if (!photo.warning.empty()) text += ", \"warning\": " + json_string(photo.warning);
  if (photo.error)
    text += ", \"error\": {\"kind\": " + json_string(to_string(photo.error->kind())) +
            ", \"message\": " + json_string(photo.error->what()) + "}";
  const auto box_text = [](const Detection& d) { return numbers_text(d); };
  const auto given_text = [](const Detection& d) { return numbers_text(*d.given); };
  if (are_given(photo.boxes)) text += ", \"given\": " + list_text(photo.boxes, given_text);
  return text + ", \"boxes\": " + list_text(photo.boxes, box_text) +
         ", \"people\": " + list_text(photo.people, person_text) + "}";
}

JournalLine parse_journal_line(std::string_view line, const std::string& place) {
  const nlohmann::json json = parse_strictly(line, place);
  ObjectReader reader(json, place, "");
  if (begins_run(line)) {
    RunInfo run = run_of(reader);
    reader.finish();
    return run;
  }
  JournalRecord record = record_of(reader);
  reader.finish();
  return record;
}

bool is_finite(const PhotoRecord& photo) {
  const auto good = [](const Detection& d) {
    return std::isfinite(d.box.x1) && std::isfinite(d.box.y1) && std::isfinite(d.box.x2) &&
           std::isfinite(d.box.y2) && std::isfinite(d.score) && std::isfinite(d.class_score) &&
           std::isfinite(d.rect().x + d.rect().y + d.rect().width + d.rect().height);
  };
  const auto sure = [&](const Person& p) {
    return good(p.detection) && std::isfinite(p.score) && std::isfinite(p.area) &&
           (!p.center_scale || all_finite(p.center_scale->data(), p.center_scale->size())) &&
           std::all_of(p.joints.begin(), p.joints.end(), [](const Joint& j) {
             return std::isfinite(j.x) && std::isfinite(j.y) && std::isfinite(j.score);
           });
  };
  return std::all_of(photo.boxes.begin(), photo.boxes.end(), good) &&
         std::all_of(photo.people.begin(), photo.people.end(), sure);
}

std::optional<std::size_t> photo_index(std::string_view line) {
  std::size_t index = 0;
  if (line.substr(0, kPhoto.size()) != kPhoto) return std::nullopt;
  const auto [end, error] = std::from_chars(line.data() + kPhoto.size(), line.data() + line.size(), index);
  return error == std::errc() ? std::optional(index) : std::nullopt;
}

bool begins_run(std::string_view line) { return line.substr(0, kBeginning.size()) == kBeginning; }

}  // namespace pose
