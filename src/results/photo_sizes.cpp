#include "results/photo_sizes.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json_reader.h"
#include "base/json_text.h"
#include "base/read_file.h"
#include "pose/image.h"
#include "results/entries.h"
#include "results/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Files by the names that results may have for them; one that several files would have leads nowhere.
class PhotoFolder {
 public:
  explicit PhotoFolder(const std::string& folder) : folder_(folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) throw Error::not_found("no such folder: " + folder);
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->is_regular_file(error)) add(fs::relative(it->path(), folder).generic_string());
    if (error) throw Error::io("cannot read the folder " + folder, error.value());
  }

  /// The path below the folder, or "".
  std::string find(const PhotoPeople& photo) const {
    if (photo.name.empty()) return at(by_number_, photo.number.value_or(0));
    for (const std::string& key : {photo.name, fs::path(photo.name).filename().string()})
      for (const auto* names : {&by_name_, &by_stem_})
        if (const std::string file = at(*names, key); !file.empty()) return file;
    return "";
  }

  std::string path(const std::string& file) const { return folder_ + "/" + file; }

 private:
  void add(const std::string& file) {
    const fs::path path(file);
    take(by_name_, file, file);
    take(by_stem_, fs::path(path).replace_extension().generic_string(), file);
    if (path.has_parent_path()) {
      take(by_name_, path.filename().string(), file);
      take(by_stem_, path.stem().string(), file);
    }
    if (const auto number = coco_number(file)) take(by_number_, *number, file);
  }

  template <typename Map, typename Key>
  static void take(Map& map, const Key& key, const std::string& file) {
    const auto [place, is_new] = map.try_emplace(key, file);
    if (!is_new) place->second.clear();
  }

  template <typename Map, typename Key>
  static std::string at(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? "" : found->second;
  }

  const std::string folder_;
  std::map<std::string, std::string> by_name_, by_stem_;
  std::map<std::int64_t, std::string> by_number_;
};

std::optional<Size> size_of_file(const std::string& path) {
  try {
    const cv::Mat picture = read_image(path);
    return Size{picture.cols, picture.rows};
  } catch (const Error&) {
    return std::nullopt;
  }
}

int side_of(const Entry& image, const char* key) {
  const double side = image.number(image.at(key), key);
  return side > 0 ? static_cast<int>(side) : 0;
}

/// A photo of the report: with its people, if it has any.
PhotoPeople photo_of(const Entry& image, std::map<std::string, PhotoPeople>& people) {
  const json& name = image.at("name");
  if (!name.is_string()) image.fail("name", "must be a text");
  const auto found = people.find(from_json_text(name.get_ref<const std::string&>()));
  PhotoPeople photo;
  if (found != people.end()) {
    photo = std::move(found->second);
    people.erase(found);
  }
  photo.name = from_json_text(name.get_ref<const std::string&>());
  photo.size = {side_of(image, "width"), side_of(image, "height")};
  return photo;
}

}  // namespace

void find_photos(Results& results, const std::string& folder) {
  const PhotoFolder files(folder);
  for (PhotoPeople& photo : results.photos) {
    const std::string file = files.find(photo);
    if (file.empty()) continue;
    photo.name = file;
    if (photo.size.width > 0 && photo.size.height > 0) continue;
    if (const auto size = size_of_file(files.path(file))) photo.size = *size;
  }
}

void add_report(Results& results, const std::string& report) {
  std::error_code error;
  const bool by_numbers = !results.photos.empty() && results.photos.front().name.empty();
  if (by_numbers || !fs::exists(report, error)) return;
  const json document = parse_strictly(text_of(read_file(report, kLargestTextFile)), report);
  const Entry root(document, "the file", report);
  if (!root.find("images") || !root.at("images").is_array()) return;  // of another program
  std::map<std::string, PhotoPeople> people;
  for (PhotoPeople& photo : results.photos) people.emplace(photo.name, std::move(photo));
  std::vector<PhotoPeople> photos;
  const json& images = root.at("images");
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Entry image(images[i], "images[" + std::to_string(i) + "]", report);
    if (image.at("status") == "ok") photos.push_back(photo_of(image, people));
  }
  for (auto& [name, photo] : people) photos.push_back(std::move(photo));  // which the report does not have
  results.photos = std::move(photos);
}

void shares_to_pixels(Results& results, const std::string& path) {
  for (PhotoPeople& photo : results.photos) {
    const auto width = static_cast<float>(photo.size.width), height = static_cast<float>(photo.size.height);
    if (width < 1 || height < 1)
      throw Error::format(path + ": has shares of the photos' sides, and no photo '" + photo.name +
                          "' that can be read was found: name the folder of the photos (--photos DIR)");
    for (Person& person : photo.people) {
      const Rect box = person.detection.rect();
      const Rect pixels{box.x * photo.size.width, box.y * photo.size.height, box.width * photo.size.width,
                        box.height * photo.size.height};
      person.detection.box = pixels.corners();
      person.detection.given = pixels;
      for (Joint& joint : person.joints) joint = {joint.x * width, joint.y * height, joint.score};
    }
  }
  results.in_shares = false;
}

}  // namespace pose
