#include "evaluate/found_people.h"

#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/json_scanner.h"
#include "base/json_text.h"
#include "base/read_file.h"
#include "pose/error.h"

namespace pose {
namespace {

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

/// Finds the photo of the ground truth that results mean by an id or a name.
class PhotoIndex {
 public:
  PhotoIndex(const GroundTruth& truth, std::string results) : truth_(truth), results_(std::move(results)) {
    for (std::size_t i = 0; i < truth.photos.size(); ++i) {
      const int photo = static_cast<int>(i);
      const std::string& name = truth.photos[i].name;
      ids_.emplace(truth.photos[i].id, photo);
      if (name.empty()) continue;
      add(names_, name, photo);
      add(last_parts_, last_part(name), photo);
    }
    named_.resize(truth.photos.size());
  }

  /// -1 for a photo that is not there.
  int find(std::int64_t id) const {
    const auto found = ids_.find(id);
    return found == ids_.end() ? -1 : found->second;
  }

  int find(const std::string& name) {
    if (name == last_name_) return last_photo_;  // a photo's people mostly stand together
    last_name_ = name;
    return last_photo_ = look_up(name);
  }

 private:
  using Names = std::unordered_map<std::string, int>;
  static constexpr int kSeveral = -2;

  static void add(Names& names, const std::string& name, int photo) {
    const auto [place, is_new] = names.emplace(name, photo);
    if (!is_new) place->second = kSeveral;
  }

  int look_up(const std::string& name) {
    auto found = names_.find(name);
    if (found == names_.end()) {
      found = last_parts_.find(last_part(name));
      if (found == last_parts_.end()) return -1;
    }
    const int photo = found->second;
    if (photo == kSeveral)
      throw Error::mismatch(results_ + ": photo '" + name + "' may be any of several in " + truth_.file +
                            " that end in '" + last_part(name) +
                            "'; names must be those of its 'file_name's");
    std::string& other = named_[static_cast<std::size_t>(photo)];
    if (other.empty()) other = name;
    if (other != name)
      throw Error::mismatch(results_ + ": photos '" + other + "' and '" + name + "' would both be '" +
                            truth_.photos[static_cast<std::size_t>(photo)].name + "' of " + truth_.file +
                            "; evaluate the folders one by one");
    return photo;
  }

  const GroundTruth& truth_;
  std::string results_;
  std::unordered_map<std::int64_t, int> ids_;
  Names names_, last_parts_;
  std::vector<std::string> named_;  ///< what results call each photo
  std::string last_name_;
  int last_photo_ = -1;
};

class Reader {
 public:
  Reader(JsonScanner& json, const std::string& path, const GroundTruth& truth)
      : json_(json), path_(path), truth_(truth), index_(truth, path) {}

  FoundPeople read() {
    if (json_.peek() != '[')
      json_.fail("a result list must stand here, as --format coco and coco-eval write it");
    json_.begin_list();
    for (; json_.next_item(); ++items_) read_item();
    json_.finish();
    note_strangers();
    return std::move(found_);
  }

 private:
  void read_item() {
    std::string name;
    photo_ = kNone;
    bool has_score = false, has_joints = false;
    double score = 0;
    std::int64_t category = truth_.category;
    json_.begin_object();
    while (json_.next_member(name)) {
      if (name == "image_id") {
        read_photo();
      } else if (name == "keypoints") {
        read_joints();
        has_joints = true;
      } else if (name == "score") {
        score = json_.number();
        has_score = true;
      } else if (name == "category_id") {
        category = json_.integer();
      } else {
        json_.skip();
      }
    }
    if (photo_ == kNone) fail_missing("image_id");
    if (!has_joints) fail_missing("keypoints");
    if (!has_score) fail_missing("score");
    if (photo_ == kStranger || category != truth_.category) return;
    found_.photos.push_back(photo_);
    found_.scores.push_back(score);
    found_.joints.insert(found_.joints.end(), joints_.begin(), joints_.end());
  }

  void read_photo() {
    const bool is_text = json_.peek() == '"';
    std::string name;
    if (is_text) {
      name = from_json_text(json_.text());
      photo_ = index_.find(name);
    } else {
      const std::int64_t id = json_.integer();
      photo_ = index_.find(id);
      if (photo_ < 0) name = std::to_string(id);
    }
    any_known_ = any_known_ || photo_ >= 0;
    if (photo_ >= 0) return;
    photo_ = kStranger;
    if (strangers_.empty()) first_stranger_ = name;
    strangers_.insert(name);
  }

  void read_joints() {
    joints_.clear();
    json_.begin_list();
    while (json_.next_item()) joints_.push_back(json_.number());
    const std::size_t numbers = 3 * truth_.skeleton->joints.size();
    if (joints_.size() != numbers)
      json_.fail("person " + std::to_string(items_ + 1) + " has " + std::to_string(joints_.size()) +
                 " numbers in 'keypoints', people of " + truth_.file + " have " + std::to_string(numbers) +
                 "; both must be of one skeleton");
  }

  [[noreturn]] void fail_missing(const std::string& name) const {
    json_.fail("person " + std::to_string(items_ + 1) + " of the list has no '" + name + "'");
  }

  void note_strangers() {
    if (items_ == 0) found_.notes.push_back(path_ + " holds nobody");
    if (strangers_.empty()) return;
    const TruePhoto& example = truth_.photos.front();
    const std::string in_truth = example.name.empty() ? std::to_string(example.id) : example.name;
    if (!any_known_)
      throw Error::mismatch("no photo of " + path_ + " ('" + first_stranger_ + "' ...) is in " + truth_.file +
                            " ('" + in_truth + "' ...); give the ground truth of these photos");
    found_.notes.push_back(std::to_string(strangers_.size()) + " photos of " + path_ + " ('" +
                           first_stranger_ + "' ...) are not in " + truth_.file + ", and do not count");
  }

  static constexpr int kStranger = -1, kNone = -2;

  JsonScanner& json_;
  const std::string& path_;
  const GroundTruth& truth_;
  PhotoIndex index_;
  FoundPeople found_;
  std::size_t items_ = 0;
  int photo_ = kNone;
  bool any_known_ = false;
  std::vector<double> joints_;
  std::unordered_set<std::string> strangers_;
  std::string first_stranger_;
};

/// The result list in an output folder, or the path itself.
std::string result_list(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) ? path + "/alphapose-results.json" : path;
}

}  // namespace

FoundPeople read_found_people(const std::string& path, const GroundTruth& truth) {
  const std::string list = result_list(path);
  const FileBytes file = read_file(list, kLargestPeopleFile);
  JsonScanner json(text_of(file), list);
  return Reader(json, list, truth).read();
}

}  // namespace pose
