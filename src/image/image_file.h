#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "pose/file_stamp.h"

namespace pose {

/// OpenCV counts bytes as int.
constexpr std::size_t kLargestPictureFile = std::numeric_limits<int>::max();

/// The bytes of a picture file. What does not begin like a picture is refused after its first bytes: people
/// name films and archives too. Throws `kNotFound`, `kIo`, `kFormat`, `kUnsupported` (over 2 GB).
FileBytes read_image_file(const std::string& path);

}  // namespace pose
