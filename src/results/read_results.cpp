// Opens what any program left as its results.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/gunzip.h"
#include "base/json_reader.h"
#include "base/lookup.h"
#include "base/read_file.h"
#include "results/photo_sizes.h"
#include "results/read_results.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLargestResults = std::size_t{1} << 30;
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view first_line(std::string_view text) { return without_blanks(text.substr(0, text.find('\n'))); }

/// Whether objects follow one another, one a line. In one JSON document, no `{` can follow a `}` so.
bool is_lines(std::string_view text) {
  const std::string_view first = first_line(text);
  const std::string_view rest = without_blanks(text.substr(std::min(text.find('\n'), text.size())));
  return !first.empty() && first.front() == '{' && first.back() == '}' && !rest.empty() &&
         rest.front() == '{';
}

json parse_lines(std::string_view text, const std::string& file) {
  json list = json::array();
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view entry = without_blanks(text.substr(0, end));
    if (!entry.empty()) list.push_back(parse_strictly(entry, file + ", line " + std::to_string(line)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

json parse_document(std::string_view text, const std::string& file) {
  text = without_blanks(text);
  if (is_lines(text)) return parse_lines(text, file);
  json document = parse_strictly(text, file);
  const bool one_line = document.is_object() && document.contains("image_id");
  return one_line ? json::array({std::move(document)}) : document;
}

/// The form of a document. An empty object is what some forms are of photos with nobody on them.
const ResultForm& form_of(const json& document, const std::string& file) {
  const ResultForm* form = recognise_form(document);
  if (!form && document.is_object() && document.empty()) form = &result_form("open");
  if (!form && document.is_array()) form = &result_form("coco");  // which says what is wrong with its entries
  if (!form)
    throw Error::format(file +
                        ": no results in a form that is read here (lists with image_id, COCO data sets, "
                        "AlphaPose's and OpenPose's files: src/results/README.md, 8)");
  return *form;
}

const ResultForm& row_of(const Results& results) {
  return lookup(result_forms(), results.form, "form of results");
}

Results read_text(std::string_view text, const std::string& file) {
  for (const ResultForm& form : result_forms())
    if (form.recognise_text && form.recognise_text(text)) {
      Results results = form.read_text(text, file);
      results.form = form.name;
      return results;
    }
  const json document = parse_document(text, file);
  const ResultForm& form = form_of(document, file);
  Results results = form.read(document, file);
  results.form = form.name;
  return results;
}

}  // namespace

Results parse_results(FileBytes file, const std::string& path) {
  if (is_gzip(file.bytes)) file.bytes = gunzip(file.bytes, kLargestResults, path);
  return read_text(text_of(file), path);
}

namespace {

/// What a photo is called whose file has nothing but its people: `photo_keypoints.json` is of `photo`.
std::string photo_of(const std::string& file) {
  std::string name = file;
  for (const std::string_view end : {".gz", ".json", ".txt", "_keypoints"})
    if (name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0)
      name.resize(name.size() - end.size());
  return name;
}

/// `below` is the path as photos are called after it.
Results read_one(const std::string& path, const std::string& below) {
  Results results = parse_results(read_file(path, kLargestResults), path);
  if (!row_of(results).one_photo) return results;
  PhotoPeople& photo = results.photos.front();
  photo.name =
      photo.name.empty() ? photo_of(below) : (fs::path(below).parent_path() / photo.name).generic_string();
  return results;
}

bool ends_with(const fs::path& path, const char* ending) {
  const fs::path name = path.extension() == ".gz" ? path.stem() : path;
  return name.extension() == ending;
}

std::vector<fs::path> files_below(const std::string& folder, const char* ending) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error) && ends_with(it->path(), ending)) files.push_back(it->path());
  if (error) throw Error::io("cannot read the folder " + folder, error.value());
  std::sort(files.begin(), files.end());
  return files;
}

/// A file that says nothing of its form, for there is nobody on its photo.
bool is_bare(const fs::path& path) {
  constexpr std::size_t kMostBytes = 16;
  std::error_code error;
  if (fs::file_size(path, error) > kMostBytes || error) return false;
  const FileBytes file = read_file(path.string(), kMostBytes);
  const std::string_view text = without_blanks(text_of(file));
  return text.empty() ? path.extension() == ".txt" : text == "[]";
}

void add_photo(Results& all, const std::string& folder, const fs::path& path) {
  const std::string below = fs::relative(path, folder).generic_string();
  if (is_bare(path)) {
    all.photos.emplace_back().name = photo_of(below);
    return;
  }
  Results one = read_one(path.string(), below);
  if (!row_of(one).one_photo)
    throw Error::format(folder + ": a folder of results has " + kResultsName +
                        " or a file per photo in it, and " + path.string() +
                        " is of many photos; name that file itself");
  if (!all.form.empty() && one.form != all.form)
    throw Error::format(path.string() + " is of the form " + one.form + ", and the files before it are " +
                        all.form + "; put each form into a folder of its own");
  all.form = one.form;
  all.visibility = one.visibility;
  all.in_shares = one.in_shares;
  all.photos.push_back(std::move(one.photos.front()));
}

/// What a run left, or one photo per file, all of one form.
Results read_folder(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder + "/" + kResultsName, error)) {
    Results results = read_one(folder + "/" + kResultsName, kResultsName);
    add_report(results, folder + "/run.json");
    return results;
  }
  Results all;
  for (const char* ending : {".json", ".txt"}) {
    if (!all.photos.empty()) break;
    for (const fs::path& path : files_below(folder, ending)) add_photo(all, folder, path);
  }
  if (all.photos.empty())
    throw Error::not_found("no results in " + folder + ": neither " + kResultsName +
                           " nor a *.json or *.txt file per photo");
  if (all.form.empty()) all.form = "mmpose";  // which is what files with [] are
  return all;
}

std::string name_of(const PhotoPeople& photo) {
  return photo.name.empty() ? std::to_string(photo.number.value_or(0)) : "'" + photo.name + "'";
}

[[noreturn]] void fail_person(const std::string& path, const PhotoPeople& photo, std::size_t person,
                              const std::string& what) {
  throw Error::format(path + ": person " + std::to_string(person + 1) + " of photo " + name_of(photo) +
                      " has " + what);
}

std::string joints_text(std::size_t joints) {
  return joints == 0 ? "no joints" : std::to_string(joints) + " joints";
}

/// How many joints everybody has who has any.
std::size_t count_joints(const Results& results, const std::string& path) {
  std::size_t joints = 0;
  for (const PhotoPeople& photo : results.photos)
    for (std::size_t i = 0; i < photo.people.size(); ++i) {
      const std::size_t count = photo.people[i].joints.size();
      if (joints == 0) joints = count;
      if (count != 0 && count != joints)
        fail_person(path, photo, i,
                    joints_text(count) + ", and people before have " + std::to_string(joints) +
                        ": one file is of one skeleton, split it");
    }
  return joints;
}

/// Lists of results are of people with joints or of boxes; labels may be both.
void check_all_have_joints(const Results& results, const std::string& path) {
  for (const PhotoPeople& photo : results.photos)
    for (std::size_t i = 0; i < photo.people.size(); ++i)
      if (photo.people[i].joints.empty())
        fail_person(path, photo, i, "no joints, and others of the file have: leave the boxes out");
}

void check_ids(const Results& results, const std::string& path) {
  const auto has_name = [](const PhotoPeople& photo) { return !photo.name.empty(); };
  const auto odd = std::find_if(results.photos.begin(), results.photos.end(), [&](const PhotoPeople& photo) {
    return has_name(photo) != has_name(results.photos.front());
  });
  if (odd != results.photos.end())
    throw Error::format(path + ": image_id is " + name_of(results.photos.front()) + " of one person and " +
                        name_of(*odd) + " of another: use names or numbers for all");
}

/// The skeleton by the names of the joints, or by their count where the form has no names.
void name_joints(Results& results, std::size_t joints) {
  const auto fits = [&](const Skeleton& skeleton) {
    const std::vector<std::string>& names = results.joint_names;
    if (names.empty()) return skeleton.joints.size() == joints;
    return std::equal(names.begin(), names.end(), skeleton.joints.begin(), skeleton.joints.end(),
                      [](const std::string& name, const JointInfo& joint) { return name == joint.name; });
  };
  const auto found = std::find_if(skeletons().begin(), skeletons().end(), fits);
  if (found == skeletons().end()) return;
  results.skeleton = found->name;
  if (!results.joint_names.empty()) return;
  for (const JointInfo& joint : found->joints) results.joint_names.emplace_back(joint.name);
  results.limbs = found->limbs;
}

}  // namespace

Results read_results(const std::string& path, const std::string& photos) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  Results results = is_folder ? read_folder(path) : read_one(path, fs::path(path).filename().string());
  check_ids(results, path);
  if (!photos.empty()) find_photos(results, photos);
  if (results.in_shares) shares_to_pixels(results, path);
  const std::size_t joints = count_joints(results, path);
  if (joints > 0 && (row_of(results).holds & kMixed) == 0) check_all_have_joints(results, path);
  name_joints(results, joints);
  return results;
}

}  // namespace pose
