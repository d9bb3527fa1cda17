#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "pose/source.h"

namespace pose {

/// Whether a file is called as pictures are, whatever it holds.
bool has_picture_ending(const std::string& name);

/// Where photos are, whatever way their paths take there.
class PhotoPlaces {
 public:
  /// The real path of the folder and the file's own name: a link to a photo is a photo of its own.
  std::string of(const std::string& path);

 private:
  std::unordered_map<std::string, std::filesystem::path>
      folders_;  // real paths: those of many photos are one
};

/// Names of photos in results.
class ResultNames {
 public:
  /// A name for the photo that is `called` so: without anything that could lead out of the output folder, and
  /// unlike all that were given before.
  std::string add(const std::string& called);

 private:
  std::unordered_set<std::string> given_;
  std::unordered_map<std::string, int> next_number_;  // so that many equal names cost no more than others
};

}  // namespace pose
