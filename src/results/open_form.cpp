// AlphaPose's other two forms: an object with a member per image, 18 joints a person, and a file per image
// beside it.

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <map>
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

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSeparateFolder = "sep-json";

/// Joints of COCO in the order of the 18-joint form; -1 is the neck, halfway between the shoulders.
constexpr std::array<int, 18> kOpenOrder{0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3};
constexpr std::size_t kCocoJoints = 17;

/// The words in which the two forms differ.
struct Words {
  const char *form, *list, *joints;
};
constexpr Words kCmu{"cmu", "bodies", "joints"}, kOpen{"open", "people", "pose_keypoints_2d"};

std::string neck_text(const Person& person) {
  const Joint &a = person.joints[5], &b = person.joints[6];
  return number_text((double{a.x} + b.x) / 2) + ", " + number_text((double{a.y} + b.y) / 2) + ", " +
         number_text((double{a.score} + b.score) / 2);
}

constexpr std::size_t kCutName = 200;

bool fits(const std::string& file) { return file.size() + std::string_view(".json").size() <= NAME_MAX; }

/// Where the value of one image goes, below the folder: the name's folders and its stem.
std::string stem_path(const std::string& name) {
  return (fs::path(name).parent_path() / stem_of(name)).string();
}

/// `{"NAME": {"version": ..., "bodies": [{"joints": [54 numbers]}, ...]}, ...}`, and the value of each image
/// in a file of its own.
class OpenWriter final : public ResultWriter {
 public:
  OpenWriter(const std::string& path, const Words& words)
      : folder_((fs::path(path).parent_path() / kSeparateFolder).string()), file_(path), words_(words) {
    make_folders(folder_);
    file_.write("{");
  }

  void add(const PhotoRecord& photo) override {
    if (photo.people.empty()) return;
    const std::string value = image_text(photo.people);
    file_.write((first_ ? "" : ", ") + json_string(photo.name) + ": " + value);
    first_ = false;
    write_separately(photo.name, value);
  }

  void seal() override {
    file_.write("}");
    file_.sync();
  }

  void publish() override { file_.take_name(); }

 private:
  std::string image_text(const std::vector<Person>& people) const {
    std::string text = "{\"version\": \"AlphaPose v0.2\", \"" + std::string(words_.list) + "\": [";
    for (std::size_t n = 0; n < people.size(); ++n) {
      text += (n ? ", {\"" : "{\"") + std::string(words_.joints) + "\": [";
      for (std::size_t k = 0; k < kOpenOrder.size(); ++k) {
        const int joint = kOpenOrder[k];
        text += k ? ", " : "";
        text +=
            joint < 0 ? neck_text(people[n]) : joint_text(people[n].joints[static_cast<std::size_t>(joint)]);
      }
      text += "]}";
    }
    return text + "]}";
  }

  /// The reference lets the later of two images with one stem overwrite the earlier. Here the earlier moves
  /// to its full name first (`shot.v2.jpg.json`), so that `shot.json` has the reference's content and nothing
  /// is lost. An image whose full name is the stem stays, and the later one gets its own full name.
  void write_separately(const std::string& name, const std::string& value) {
    const std::string stem = stem_path(name);
    make_folders(fs::path(file_of(stem)).parent_path().string());
    const std::string full = full_path(name);
    std::string& owner = owners_[stem];
    if (owner == stem) return write_unsynced(file_of(full), value);
    if (!owner.empty()) move_file(file_of(stem), file_of(owner));
    owner = full;
    write_unsynced(file_of(stem), value);
  }

  /// The name itself; cut and numbered where no file could be called so.
  std::string full_path(const std::string& name) {
    ++images_;
    const fs::path path(name);
    const std::string file = path.filename().string();
    if (fits(file)) return name;
    return (path.parent_path() / (file.substr(0, kCutName) + "~" + std::to_string(images_))).string();
  }

  /// One of thousands of small files, which can be made again from the journal: not worth waiting for the
  /// disk.
  static void write_unsynced(const std::string& path, const std::string& text) {
    AtomicFile file(path);
    file.write(text);
    file.commit_unsynced();
  }

  std::string file_of(const std::string& name) const { return folder_ + "/" + name + ".json"; }

  static void move_file(const std::string& from, const std::string& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) throw Error::io("cannot rename " + from + " to " + to, error.value());
  }

  const std::string folder_;
  AtomicFile file_;
  const Words& words_;
  bool first_ = true;
  std::size_t images_ = 0;
  std::map<std::string, std::string> owners_;  ///< stem -> full path of the image whose file has it now
};

std::unique_ptr<ResultWriter> write(const std::string& path, const Skeleton& skeleton, const Words& words) {
  if (skeleton.name != "coco17")
    throw Error::usage(std::string("--format ") + words.form +
                       " has COCO's joints and a neck, and this pose model has '" +
                       std::string(skeleton.name) + "'; use --format coco");
  return std::make_unique<OpenWriter>(path, words);
}

bool looks_like(const json& document, const Words& words) {
  if (!document.is_object() || document.empty()) return false;
  const json& first = *document.begin();
  return first.is_object() && first.contains(words.list);
}

/// The 17 joints of COCO; the neck follows from them.
std::vector<Joint> coco_joints(const Entry& person, const Words& words) {
  const std::vector<Joint> open = person.joints(words.joints);
  if (open.size() != kOpenOrder.size()) person.fail(words.joints, "must have 18 joints");
  std::vector<Joint> joints(kCocoJoints);
  for (std::size_t k = 0; k < kOpenOrder.size(); ++k)
    if (kOpenOrder[k] >= 0) joints[static_cast<std::size_t>(kOpenOrder[k])] = open[k];
  return joints;
}

Results read(const json& document, const std::string& file, const Words& words) {
  if (!document.is_object()) throw Error::format(file + ": must be an object");
  Results results;
  for (const auto& [name, value] : document.items()) {
    const std::string place = json_string(from_json_text(name));
    const Entry image(value, place, file);
    const json& list = image.at(words.list);
    if (!list.is_array()) image.fail(words.list, "must be a list");
    PhotoPeople photo;
    photo.name = from_json_text(name);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Entry entry(list[i], place + "." + words.list + "[" + std::to_string(i) + "]", file);
      photo.people.emplace_back();
      photo.people.back().joints = coco_joints(entry, words);
    }
    results.photos.push_back(std::move(photo));
  }
  return results;
}

}  // namespace

bool is_cmu(const json& document) { return looks_like(document, kCmu); }
bool is_open(const json& document) { return looks_like(document, kOpen); }

Results read_cmu(const json& document, const std::string& file) { return read(document, file, kCmu); }

Results read_open(const json& document, const std::string& file) { return read(document, file, kOpen); }

std::unique_ptr<ResultWriter> write_cmu(const std::string& path, const Skeleton& skeleton) {
  return write(path, skeleton, kCmu);
}

std::unique_ptr<ResultWriter> write_open(const std::string& path, const Skeleton& skeleton) {
  return write(path, skeleton, kOpen);
}

std::string open_name_fault(const std::string& name) {
  return fits(stem_of(name)) ? "" : "its name is too long for a file in " + std::string(kSeparateFolder);
}

}  // namespace pose
