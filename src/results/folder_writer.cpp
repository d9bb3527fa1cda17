#include "results/folder_writer.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "pose/error.h"
#include "results/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPictureEndings[]{".avif", ".bmp",  ".gif", ".heic", ".heif", ".jp2",
                                             ".jpe",  ".jpeg", ".jpg", ".jxl",  ".pbm",  ".pgm",
                                             ".png",  ".pnm",  ".ppm", ".tif",  ".tiff", ".webp"};

/// Names without an ending, as OpenPose's are, may have dots in them.
fs::path without_ending(const fs::path& name) {
  std::string ending = name.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool is_picture =
      std::find(std::begin(kPictureEndings), std::end(kPictureEndings), ending) != std::end(kPictureEndings);
  return is_picture ? fs::path(name).replace_extension() : name;
}

}  // namespace

FolderWriter::FolderWriter(std::string folder, std::string ending)
    : folder_(std::move(folder)), ending_(std::move(ending)) {
  make_folders(folder_);
}

void FolderWriter::add(const PhotoPeople& photo, const std::string& text) {
  if (!stays_inside(photo.name) || photo.name.find('\0') != std::string::npos)
    throw Error::usage("the photo '" + photo.name + "' cannot have a file in " + folder_ +
                       ": its name leads elsewhere; name it by a path below the folder of the photos");
  const fs::path path = fs::path(folder_) / without_ending(photo.name);
  const std::string file = path.string() + ending_;
  const auto [owner, is_new] = owners_.try_emplace(file, photo.name);
  if (!is_new)
    throw Error::usage("the photos '" + owner->second + "' and '" + photo.name + "' would have one file, " +
                       file + ": rename one of them");
  make_folders(path.parent_path().string());
  write_file(file, text);
}

}  // namespace pose
