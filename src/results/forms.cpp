// The three JSON forms of AlphaPose and its form for COCO's evaluation. Source: src/results/README.md, 1-4.

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/lookup.h"
#include "base/number_text.h"
#include "pose/results.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResultsName = "/alphapose-results.json";

std::string joint_text(const Joint& joint) {
  return number_text(joint.x) + ", " + number_text(joint.y) + ", " + number_text(joint.score);
}

/// The name up to its first dot, without folders: how the reference names files per image.
std::string stem_of(const std::string& name) {
  const std::string file = fs::path(name).filename().string();
  return file.substr(0, file.find('.'));
}

/// A list of people: `[{"image_id": ..., "category_id": 1, "keypoints": [...], "score": ...}, ...]`.
class CocoWriter final : public ResultWriter {
 public:
  using ImageId = std::string (*)(const std::string& name);

  CocoWriter(const std::string& outdir, ImageId image_id)
      : file_(outdir + kResultsName), image_id_(image_id) {
    file_.write("[");
  }

  void add(const PhotoRecord& photo) override {
    if (!photo.ok()) return;
    for (const Person& person : photo.people) {
      std::string text = first_ ? "" : ", ";
      first_ = false;
      text += "{\"image_id\": " + image_id_(photo.name) + ", \"category_id\": 1, \"keypoints\": [";
      for (std::size_t k = 0; k < person.joints.size(); ++k)
        text += (k ? ", " : "") + joint_text(person.joints[k]);
      file_.write(text + "], \"score\": " + number_text(person.score) + "}");
    }
  }

  void finish() override {
    file_.write("]");
    file_.commit();
  }

 private:
  AtomicFile file_;
  const ImageId image_id_;
  bool first_ = true;
};

/// COCO's number of an image: the last piece of its stem. `COCO_val2014_000000000042.jpg` is 42.
std::string coco_number(const std::string& name) {
  const std::string stem = stem_of(name);
  std::string digits = stem.substr(stem.rfind('_') + 1);
  const bool numeric = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
  if (!numeric)
    throw Error::usage("--format coco-eval needs names that end in COCO's image number, and '" + name +
                       "' does not");
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

/// Joints of COCO in the order of the 18-joint form; -1 is the neck, halfway between the shoulders.
constexpr std::array<int, 18> kOpenOrder{0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3};

std::string neck_text(const Person& person) {
  const Joint &a = person.joints[5], &b = person.joints[6];
  return number_text((double{a.x} + b.x) / 2) + ", " + number_text((double{a.y} + b.y) / 2) + ", " +
         number_text((double{a.score} + b.score) / 2);
}

/// An object of images: `{"NAME": {"version": ..., "bodies": [{"joints": [54 numbers]}, ...]}, ...}`, and the
/// value of each image in a file of its own.
class OpenWriter final : public ResultWriter {
 public:
  OpenWriter(const std::string& outdir, const char* list_key, const char* joints_key)
      : folder_(outdir + "/sep-json"),
        file_(outdir + kResultsName),
        list_key_(list_key),
        joints_key_(joints_key) {
    make_folders(folder_);
    file_.write("{");
  }

  void add(const PhotoRecord& photo) override {
    if (!photo.ok() || photo.people.empty()) return;
    const std::string value = image_text(photo.people);
    file_.write((first_ ? "" : ", ") + json_string(photo.name) + ": " + value);
    first_ = false;
    write_separately(photo.name, value);
  }

  void finish() override {
    file_.write("}");
    file_.commit();
  }

 private:
  std::string image_text(const std::vector<Person>& people) const {
    std::string text = "{\"version\": \"AlphaPose v0.2\", \"" + std::string(list_key_) + "\": [";
    for (std::size_t n = 0; n < people.size(); ++n) {
      text += (n ? ", {\"" : "{\"") + std::string(joints_key_) + "\": [";
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
    const std::string stem = (fs::path(name).parent_path() / stem_of(name)).string();
    make_folders(fs::path(file_of(stem)).parent_path().string());
    std::string& owner = owners_[stem];
    if (owner == stem) return write_file(file_of(name), value);
    if (!owner.empty()) move_file(file_of(stem), file_of(owner));
    owner = name;
    write_file(file_of(stem), value);
  }

  std::string file_of(const std::string& name) const { return folder_ + "/" + name + ".json"; }

  static void move_file(const std::string& from, const std::string& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) throw Error::io("cannot rename " + from + " to " + to, error.value());
  }

  const std::string folder_;
  AtomicFile file_;
  const char *list_key_, *joints_key_;
  bool first_ = true;
  std::map<std::string, std::string> owners_;  ///< stem -> the image whose file has it now
};

std::unique_ptr<ResultWriter> make_coco(const std::string& outdir, const Skeleton&) {
  return std::make_unique<CocoWriter>(outdir, [](const std::string& name) { return json_string(name); });
}

std::unique_ptr<ResultWriter> make_coco_eval(const std::string& outdir, const Skeleton&) {
  return std::make_unique<CocoWriter>(outdir, &coco_number);
}

void require_coco17(const char* format, const Skeleton& skeleton) {
  if (skeleton.name != "coco17")
    throw Error::usage(std::string("--format ") + format +
                       " has COCO's joints and a neck, and this pose model has '" +
                       std::string(skeleton.name) + "'; use --format coco");
}

std::unique_ptr<ResultWriter> make_cmu(const std::string& outdir, const Skeleton& skeleton) {
  require_coco17("cmu", skeleton);
  return std::make_unique<OpenWriter>(outdir, "bodies", "joints");
}

std::unique_ptr<ResultWriter> make_open(const std::string& outdir, const Skeleton& skeleton) {
  require_coco17("open", skeleton);
  return std::make_unique<OpenWriter>(outdir, "people", "pose_keypoints_2d");
}

constexpr std::array<OutputFormat, 4> kFormats{{
    {"coco", "list of people, joints as the model has them (AlphaPose's default)", &make_coco},
    {"cmu", "images with bodies of 18 joints (AlphaPose --format cmu)", &make_cmu},
    {"open", "images with people of 18 joints (OpenPose's names)", &make_open},
    {"coco-eval", "as coco, with COCO's image numbers, for the evaluation tools", &make_coco_eval},
}};

}  // namespace

const OutputFormat& output_format(std::string_view name) { return lookup(kFormats, name, "output format"); }

}  // namespace pose
