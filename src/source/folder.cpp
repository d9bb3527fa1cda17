#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "pose/error.h"
#include "pose/image.h"
#include "source/kinds.h"
#include "source/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

bool wanted(const fs::path& path, const std::string& name) {
  if (name[0] == '.' || name.rfind('.') == std::string::npos) return false;
  return has_picture_ending(name) || looks_like_image(path.string());
}

/// Whether a run of ours has written, or is writing, its results to `folder`.
bool holds_results(const fs::path& folder) {
  constexpr std::pair<std::string_view, std::string_view> kBeginnings[]{
      {"journal.jsonl", "{\"journal\": "},
      {"journal.partial.jsonl", "{\"journal\": "},
      {"run.json", "{\n\"version\": "}};
  return std::any_of(std::begin(kBeginnings), std::end(kBeginnings), [&](const auto& row) {
    std::error_code ignored;
    if (!fs::is_regular_file(folder / row.first, ignored)) return false;
    std::ifstream file(folder / row.first, std::ios::binary);
    std::string beginning(row.second.size(), ' ');
    file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    return beginning == row.second;
  });
}

void add_folder(const fs::path& root, const std::string& prefix, ListContext& context,
                std::vector<SourcePhoto>& photos) {
  std::error_code error;
  const fs::path real = fs::canonical(root, error);
  if (error) throw Error::io("cannot read folder " + root.string(), error.value());
  if (!context.folders.insert(real.string()).second) return;  // a link that leads back up
  std::vector<std::string> files, folders;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      const bool drawn = name == "vis" && holds_results(root);
      if (context.options.recursive && name[0] != '.' && !drawn) folders.push_back(name);
    } else if (wanted(it->path(), name)) {
      files.push_back(name);
    }
  }
  if (error) throw Error::io("cannot read folder " + root.string(), error.value());
  std::sort(files.begin(), files.end(), natural_less);
  std::sort(folders.begin(), folders.end(), natural_less);
  if (photos.empty()) photos.reserve(files.size());
  for (const std::string& name : files) photos.push_back({(root / name).string(), prefix + name});
  for (const std::string& name : folders) add_folder(root / name, prefix + name + "/", context, photos);
}

}  // namespace

std::vector<SourcePhoto> list_folder(const std::string& path, ListContext& context) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error::not_found("no such folder: " + path);
  if (!fs::is_directory(path, ignored)) throw Error::usage(path + " is not a folder");
  std::vector<SourcePhoto> photos;
  add_folder(path, "", context, photos);
  return photos;
}

}  // namespace pose
