#include "pose/source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_set>

#include "pose/error.h"
#include "pose/image.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

/// Endings of files that people mean as pictures, and those that pictures can be written with.
constexpr std::array<std::string_view, 14> kPictureEndings{{".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib",
                                                            ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm",
                                                            ".pnm", ".gif"}};
constexpr std::array<std::string_view, 10> kWritableEndings{
    {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".ppm"}};

template <typename Endings>
bool has_ending(const std::string& name, const Endings& endings) {
  std::string ending = fs::path(name).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

bool wanted(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.empty() || name[0] == '.' || !path.has_extension()) return false;
  return has_ending(name, kPictureEndings) || looks_like_image(path.string());
}

/// The way from the run's point of view, without anything that could lead out of the output folder.
std::string safe_name(const std::string& path) {
  std::string name;
  for (const fs::path& part : fs::path(path)) {
    const std::string text = part.string();
    if (text.empty() || text == "/" || text == "." || text == "..") continue;
    name += (name.empty() ? "" : "/") + text;
  }
  return name.empty() ? "image" : name;
}

class Collector {
 public:
  explicit Collector(bool recursive) : recursive_(recursive) {}

  void add_file(const std::string& path, const std::string& name) {
    photos_.push_back({path, unique(safe_name(name))});
  }

  void add_folder(const fs::path& root, const std::string& prefix = "") {
    std::error_code error;
    const fs::path real = fs::canonical(root, error);
    if (error) throw Error::io("cannot read folder " + root.string(), error.value());
    if (!visited_.insert(real.string()).second) return;  // a link that leads back up
    std::vector<std::string> files, folders;
    for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      std::error_code ignored;
      if (it->is_directory(ignored)) {
        if (recursive_ && name[0] != '.') folders.push_back(name);
      } else if (wanted(it->path())) {
        files.push_back(name);
      }
    }
    if (error) throw Error::io("cannot read folder " + root.string(), error.value());
    std::sort(files.begin(), files.end(), natural_less);
    std::sort(folders.begin(), folders.end(), natural_less);
    for (const std::string& name : files) add_file((root / name).string(), prefix + name);
    for (const std::string& name : folders) add_folder(root / name, prefix + name + "/");
  }

  /// A photo or a folder, as the user named it.
  void add_any(const std::string& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
      add_folder(path);
    else
      add_file(path, fs::path(path).filename().string());
  }

  std::vector<SourcePhoto> take() { return std::move(photos_); }

 private:
  std::string unique(const std::string& name) {
    if (names_.insert(name).second) return name;
    const std::string ending = fs::path(name).extension().string();
    const std::string stem = name.substr(0, name.size() - ending.size());
    for (int number = 2;; ++number) {
      const std::string candidate = stem + "_" + std::to_string(number) + ending;
      if (names_.insert(candidate).second) return candidate;
    }
  }

  const bool recursive_;
  std::vector<SourcePhoto> photos_;
  std::unordered_set<std::string> names_;
  std::set<std::string> visited_;
};

void add_list(Collector& collector, const std::string& list, const std::string& indir) {
  std::ifstream file;
  if (list != "-") {
    file.open(list, std::ios::binary);
    if (!file) throw Error::not_found("cannot read the list " + list);
  }
  std::istream& in = list == "-" ? std::cin : file;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const bool relative = !indir.empty() && fs::path(line).is_relative();
    collector.add_file(relative ? (fs::path(indir) / line).string() : line, line);
  }
  if (in.bad()) throw Error::io("cannot read the list " + list);
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i, ++j;
      continue;
    }
    // Numbers: without leading zeros the longer is the greater, among equals the text decides.
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    const std::size_t start_a = i, start_b = j;
    while (i < a.size() && digit(a[i])) ++i;
    while (j < b.size() && digit(b[j])) ++j;
    if (i - start_a != j - start_b) return i - start_a < j - start_b;
    const int order = a.compare(start_a, i - start_a, b, start_b, j - start_b);
    if (order != 0) return order < 0;
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;
}

std::string vis_name(const std::string& name) {
  return has_ending(name, kWritableEndings) ? name : name + ".jpg";
}

std::vector<SourcePhoto> collect_photos(const SourceOptions& options) {
  check_options(options);
  if (options.inputs.empty() && options.indir.empty() && options.list.empty() && options.image.empty())
    throw Error::usage(
        "nothing to read: name photos or folders, or use --indir, --list or --image (see pose --help)");
  Collector collector(options.recursive);
  for (const std::string& path : options.inputs) collector.add_any(path);
  if (!options.list.empty()) {
    add_list(collector, options.list, options.indir);
  } else if (!options.indir.empty()) {
    std::error_code ignored;
    if (!fs::exists(options.indir, ignored)) throw Error::not_found("no such folder: " + options.indir);
    if (!fs::is_directory(options.indir, ignored))
      throw Error::usage("--indir " + options.indir + " is not a folder");
    collector.add_folder(options.indir);
  }
  for (const std::string& path : options.image) collector.add_file(path, fs::path(path).filename().string());
  std::vector<SourcePhoto> photos = collector.take();
  if (photos.empty()) throw Error::usage("nothing to read: no pictures in what was named");
  return photos;
}

}  // namespace pose
