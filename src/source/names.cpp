#include "source/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace pose {
namespace {

namespace fs = std::filesystem;

/// Endings of files that people mean as pictures or as something to see people in: those that cannot be read
/// are to be named, with what to do about it, not passed over.
constexpr std::array<std::string_view, 55> kPictureEndings{
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".ppm",
     ".pgm", ".pbm", ".pnm", ".gif", ".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx",
     ".jpf", ".j2c", ".psd", ".tga", ".exr",
     // raw files of cameras
     ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw",
     // videos
     ".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".mts",
     ".m2ts", ".ogv", ".vob"}};
/// Those that pictures can be written with.
constexpr std::array<std::string_view, 10> kWritableEndings{
    {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".ppm"}};

template <typename Endings>
bool has_ending(const std::string& name, const Endings& endings) {
  const std::size_t file = name.rfind('/') + 1, dot = name.rfind('.');
  if (dot == std::string::npos || dot <= file) return false;
  std::string ending = name.substr(dot);
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

/// The way to a photo without its root and without going up.
std::string safe_name(const std::string& path) {
  std::string name;
  for (const fs::path& part : fs::path(path)) {
    const std::string text = part.string();
    // A root keeps all its slashes: "//".
    if (text.empty() || text.front() == '/' || text == "." || text == "..") continue;
    name += (name.empty() ? "" : "/") + text;
  }
  return name.empty() ? "image" : name;
}

}  // namespace

bool has_picture_ending(const std::string& name) { return has_ending(name, kPictureEndings); }

std::string PhotoPlaces::of(const std::string& path) {
  const fs::path file(path);
  const auto [folder, is_new] = folders_.try_emplace(file.parent_path().string());
  if (is_new) {
    std::error_code error;
    const fs::path way = fs::absolute(file.parent_path() / ".", error);
    folder->second = fs::weakly_canonical(way, error);
    if (error) folder->second = way;
  }
  return (folder->second / file.filename()).string();
}

std::string ResultNames::add(const std::string& called) {
  const std::string name = safe_name(called);
  if (given_.insert(name).second) return name;
  const std::string ending = fs::path(name).extension().string();
  const std::string stem = name.substr(0, name.size() - ending.size());
  int& number = next_number_.emplace(name, 2).first->second;
  for (;; ++number) {
    const std::string candidate = stem + "_" + std::to_string(number) + ending;
    if (given_.insert(candidate).second) return candidate;
  }
}

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

}  // namespace pose
