#include "evaluate/found_people.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/json_scanner.h"
#include "base/json_text.h"
#include "base/read_file.h"
#include "pose/error.h"
#include "pose/results.h"

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

/// Puts people on photos of the ground truth, whatever they were read from.
class Collector {
 public:
  Collector(const GroundTruth& truth, const std::string& path)
      : truth_(truth), path_(path), index_(truth, path) {}

  /// The place of a photo; -1 for one that does not count.
  int photo(const std::string& name) {
    const int photo = index_.find(name);
    note(photo, name);
    return photo;
  }
  int photo(std::int64_t id) {
    const int photo = index_.find(id);
    note(photo, photo < 0 ? std::to_string(id) : "");
    return photo;
  }

  /// The next person: `joints` are x, y, score of each.
  void add(int photo, const std::vector<double>& joints, double score) {
    ++people_;
    const std::size_t numbers = 3 * truth_.skeleton->joints.size();
    if (joints.size() != numbers)
      throw Error::mismatch(path_ + ": person " + std::to_string(people_) + " has " +
                            std::to_string(joints.size()) + " numbers in 'keypoints', people of " +
                            truth_.file + " have " + std::to_string(numbers) +
                            "; both must be of one skeleton");
    if (photo < 0) return;
    found_.photos.push_back(photo);
    found_.scores.push_back(score);
    found_.joints.insert(found_.joints.end(), joints.begin(), joints.end());
  }

  FoundPeople finish() {
    if (people_ == 0) found_.notes.push_back(path_ + " holds nobody");
    if (strangers_.empty()) return std::move(found_);
    const TruePhoto& example = truth_.photos.front();
    const std::string in_truth = example.name.empty() ? std::to_string(example.id) : example.name;
    if (!any_known_)
      throw Error::mismatch("no photo of " + path_ + " ('" + first_stranger_ + "' ...) is in " + truth_.file +
                            " ('" + in_truth + "' ...); give the ground truth of these photos");
    found_.notes.push_back(std::to_string(strangers_.size()) + " photos of " + path_ + " ('" +
                           first_stranger_ + "' ...) are not in " + truth_.file + ", and do not count");
    return std::move(found_);
  }

 private:
  void note(int photo, const std::string& name) {
    any_known_ = any_known_ || photo >= 0;
    if (photo >= 0) return;
    if (strangers_.empty()) first_stranger_ = name;
    strangers_.insert(name);
  }

  const GroundTruth& truth_;
  const std::string& path_;
  PhotoIndex index_;
  FoundPeople found_;
  std::size_t people_ = 0;
  bool any_known_ = false;
  std::unordered_set<std::string> strangers_;
  std::string first_stranger_;
};

/// The entry of a result list that comes next. `joints` keeps its memory from one to the next.
void read_entry(JsonScanner& json, std::int64_t person_category, Collector& people,
                std::vector<double>& joints) {
  std::string name;
  std::optional<int> photo;
  std::optional<double> score;
  std::int64_t category = person_category;
  joints.clear();
  json.begin_object();
  while (json.next_member(name)) {
    if (name == "image_id") {
      photo = json.peek() == '"' ? people.photo(from_json_text(json.text())) : people.photo(json.integer());
    } else if (name == "keypoints") {
      joints.clear();
      json.begin_list();
      while (json.next_item()) joints.push_back(json.number());
    } else if (name == "score") {
      score = json.number();
    } else if (name == "category_id") {
      category = json.integer();
    } else {
      json.skip();
    }
  }
  if (!photo) json.fail("the person before this has no 'image_id'");
  if (!score) json.fail("the person before this has no 'score'");
  if (joints.empty()) json.fail("the person before this has no 'keypoints'");
  if (category == person_category) people.add(*photo, joints, *score);
}

/// A result list, whose numbers are f64 and which may be long.
FoundPeople read_list(const FileBytes& file, const std::string& path, const GroundTruth& truth) {
  Collector people(truth, path);
  JsonScanner json(text_of(file), path);
  std::vector<double> joints;
  json.begin_list();
  while (json.next_item()) read_entry(json, truth.category, people, joints);
  json.finish();
  return people.finish();
}

/// Results of any other form, whose numbers are f32.
FoundPeople take_results(const Results& results, const std::string& path, const GroundTruth& truth) {
  Collector people(truth, path);
  for (const PhotoPeople& photo : results.photos) {
    const int place =
        photo.name.empty() && photo.number ? people.photo(*photo.number) : people.photo(photo.name);
    for (const Person& person : photo.people) {
      std::vector<double> joints;
      for (const Joint& joint : person.joints) joints.insert(joints.end(), {joint.x, joint.y, joint.score});
      people.add(place, joints, person.score);
    }
  }
  return people.finish();
}

bool is_list(const FileBytes& file) {
  const std::size_t first = text_of(file).find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && file.bytes[first] == '[';
}

}  // namespace

FoundPeople read_found_people(const std::string& path, const GroundTruth& truth) {
  std::error_code error;
  const std::string list =
      std::filesystem::is_directory(path, error) ? path + "/alphapose-results.json" : path;
  if (list == path || std::filesystem::exists(list, error)) {
    const FileBytes file = read_file(list, kLargestPeopleFile);
    if (is_list(file)) return read_list(file, list, truth);
  }
  return take_results(read_results(path), path, truth);
}

}  // namespace pose
