// Lists of people or boxes with an `image_id` each.

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/error.h"
#include "results/entries.h"
#include "results/form_rows.h"
#include "results/names.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr int kPersonCategory = 1;

/// Writes a list with entries on one line, or one line each.
class ListWriter : public ResultWriter {
 public:
  ListWriter(const std::string& path, const char* separator, const char* end)
      : file_(path), separator_(separator), end_(end) {
    file_.write("[");
  }

  void seal() override {
    file_.write(end_);
    file_.sync();
  }

  void publish() override { file_.take_name(); }

 protected:
  /// `entry` without its opening brace and `image_id`.
  void add_entry(const std::string& image_id, const std::string& entry) {
    file_.write((first_ ? "" : separator_) + ("{\"image_id\": " + image_id) + ", \"category_id\": 1, " +
                entry);
    first_ = false;
  }

 private:
  AtomicFile file_;
  const char *separator_, *end_;
  bool first_ = true;
};

std::string name_id(const std::string& name) { return json_string(name); }

std::string number_id(const std::string& name) {
  if (const std::string fault = coco_eval_name_fault(name); !fault.empty()) throw Error::usage(fault);
  return *coco_digits(name);
}

/// `, "center": [x, y], "scale": [x, y]` where the crop has them.
std::string center_scale_text(const Person& person) {
  if (!person.center_scale) return "";
  const auto& v = *person.center_scale;
  return ", \"center\": [" + number_text(v[0]) + ", " + number_text(v[1]) + "], \"scale\": [" +
         number_text(v[2]) + ", " + number_text(v[3]) + "]";
}

std::string nothing_more(const Person&) { return ""; }

/// `[{"image_id": ..., "category_id": 1, "keypoints": [...], "score": ...}, ...]`.
class CocoWriter final : public ListWriter {
 public:
  using ImageId = std::string (*)(const std::string& name);
  using More = std::string (*)(const Person& person);

  CocoWriter(const std::string& path, ImageId image_id, More more)
      : ListWriter(path, ", ", "]"), image_id_(image_id), more_(more) {}

  void add(const PhotoRecord& photo) override {
    for (const Person& person : photo.people) {
      std::string text = "\"keypoints\": [";
      for (std::size_t k = 0; k < person.joints.size(); ++k)
        text += (k ? ", " : "") + joint_text(person.joints[k]);
      add_entry(image_id_(photo.name),
                text + "], \"score\": " + number_text(person.score) + more_(person) + "}");
    }
  }

 private:
  const ImageId image_id_;
  const More more_;
};

/// `[{"image_id": ..., "category_id": 1, "bbox": [x, y, w, h], "score": ...},` one a line.
class BoxesWriter final : public ListWriter {
 public:
  explicit BoxesWriter(const std::string& path) : ListWriter(path, ",\n", "]\n") {}

  void add(const PhotoRecord& photo) override {
    for (const Detection& d : photo.boxes) {
      const Rect r = d.rect();  // in f64, so that reading it back gives the same numbers
      add_entry(json_string(photo.name), "\"bbox\": [" + number_text(r.x) + ", " + number_text(r.y) + ", " +
                                             number_text(r.width) + ", " + number_text(r.height) +
                                             "], \"score\": " + number_text(d.score) + "}");
    }
  }
};

/// Where the box is: AlphaPose's newer versions call it so, everybody else `bbox`.
const char* box_key(const Entry& entry) { return entry.find("bbox") || !entry.find("box") ? "bbox" : "box"; }

/// The number that AlphaPose gave a person while it followed them, alone or in a list.
int track_of(const Entry& entry, const json& idx) {
  const json& value = idx.is_array() && idx.size() == 1 ? idx[0] : idx;
  return static_cast<int>(entry.number(value, "idx"));
}

Person person_of(const Entry& entry) {
  Person person;
  const bool may_lack_score = !entry.find("keypoints");  // a box that somebody drew is sure
  person.score = may_lack_score && !entry.find("score") ? 1 : entry.number(entry.at("score"), "score");
  const char* key = box_key(entry);
  if (entry.find(key)) {
    const auto score = static_cast<float>(person.score);
    const Rect rect = entry.rect(key);
    person.detection = {rect.corners(), score, score, 0, rect};
  }
  if (entry.find("keypoints"))
    person.joints = entry.joints("keypoints");
  else if (!entry.find("bbox"))
    entry.fail("bbox", "is missing");
  if (const json* idx = entry.find("idx")) person.index = track_of(entry, *idx);
  return person;
}

/// Fits into 64 bits with a sign.
bool is_image_number(const json& id) {
  return id.is_number_integer() && (!id.is_number_unsigned() || id.get<std::uint64_t>() <= INT64_MAX);
}

bool first_entry(const json& document, bool (*wanted)(const json& entry)) {
  if (!document.is_array()) return false;
  return document.empty() ||
         (document[0].is_object() && document[0].contains("image_id") && wanted(document[0]));
}

}  // namespace

bool is_coco(const json& document) {
  return first_entry(document,
                     [](const json& e) { return e.contains("keypoints") && e["image_id"].is_string(); });
}

bool is_alphapose_master(const json& document) {
  return first_entry(document,
                     [](const json& e) {
                       return e.contains("keypoints") && e["image_id"].is_string() &&
                              (e.contains("box") || e.contains("idx"));
                     }) &&
         !document.empty();
}

bool is_coco_eval(const json& document) {
  return first_entry(document,
                     [](const json& e) { return e.contains("keypoints") && !e["image_id"].is_string(); });
}

bool is_boxes(const json& document) {
  return first_entry(document, [](const json& e) { return e.contains("bbox"); });
}

Results read_coco_list(const json& document, const std::string& file) {
  if (!document.is_array()) throw Error::format(file + ": must be a list");
  PeopleByPhoto people;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const Entry entry(document[i], "[" + std::to_string(i) + "]", file);
    const json* category = entry.find("category_id");
    if (category && !category->is_number_integer()) entry.fail("category_id", "must be a whole number");
    Person person = person_of(entry);
    const json& id = entry.at("image_id");
    if (!id.is_string() && !is_image_number(id)) entry.fail("image_id", "must be a file name or a number");
    if (category && *category != kPersonCategory) continue;
    if (id.is_string())
      people.add(from_json_text(id.get_ref<const std::string&>()), std::move(person));
    else
      people.add(id.get<std::int64_t>(), std::move(person));
  }
  return people.take();
}

std::unique_ptr<ResultWriter> write_coco(const std::string& path, const Skeleton&) {
  return std::make_unique<CocoWriter>(path, &name_id, &nothing_more);
}

std::unique_ptr<ResultWriter> write_coco_eval(const std::string& path, const Skeleton&) {
  return std::make_unique<CocoWriter>(path, &number_id, &center_scale_text);
}

std::unique_ptr<ResultWriter> write_boxes(const std::string& path, const Skeleton&) {
  return std::make_unique<BoxesWriter>(path);
}

std::string coco_eval_name_fault(const std::string& name) {
  return coco_digits(name)
             ? ""
             : "--format coco-eval needs names that end in COCO's image number, and '" + name + "' does not";
}

}  // namespace pose
