#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pose/file_stamp.h"

namespace pose {

/// OpenCV counts bytes as int.
constexpr std::size_t kLargestPictureFile = std::numeric_limits<int>::max();

/// Of a picture file as many bytes as tell its kind.
constexpr std::size_t kPictureStart = 4096;

/// Throws `kFormat` if a file that begins so is no picture, `kUnsupported` if it is of a kind that cannot be
/// read here: before the rest of it is read.
void check_picture_start(const std::vector<std::uint8_t>& start);

/// The bytes of a picture file. What does not begin like a picture is refused after its first bytes: people
/// name films and archives too. Throws `kNotFound`, `kIo`, `kFormat`, `kUnsupported` (over 2 GB).
FileBytes read_image_file(const std::string& path);

}  // namespace pose
