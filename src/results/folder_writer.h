#pragma once

#include <map>
#include <string>

#include "pose/results.h"

namespace pose {

/// Writes forms that have a file per photo into a folder, which is made.
class FolderWriter {
 public:
  /// `ending` is put in the place of the photo's own: "_keypoints.json".
  FolderWriter(std::string folder, std::string ending);

  /// Throws `kUsage` for names that lead out of the folder, and for photos that would have one file.
  void add(const PhotoPeople& photo, const std::string& text);

 private:
  std::string folder_, ending_;
  std::map<std::string, std::string> owners_;  ///< file -> photo
};

}  // namespace pose
