#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pose/box.h"
#include "pose/options.h"

namespace pose {

/// A picture that was read.
struct DecodedImage {
  cv::Mat bgr;          ///< u8 BGR, upright
  std::string warning;  ///< what is wrong with it though it could be used, in words; mostly ""
};

/// Decodes the bytes of a picture file to u8 BGR, upright (EXIF orientation applied; alpha dropped, grey
/// expanded, 16 bits reduced, CMYK converted). Content decides the format.
/// Throws `kFormat` (not a picture, or damaged beyond use), `kUnsupported` (more than `max_pixels` by its
/// header: refused before any pixel memory is taken), `kMemory`, `kUsage` (`max_pixels` below 1).
DecodedImage decode_image(const std::vector<std::uint8_t>& bytes,
                          std::int64_t max_pixels = kDefaultMaxPixels);

/// The same from a file; a warning goes to the log. Throws `kNotFound` and `kIo` too.
cv::Mat read_image(const std::string& path, std::int64_t max_pixels = kDefaultMaxPixels);

/// True if the first bytes of the file are those of a picture format that `read_image` can read; false also
/// for what cannot be read and what is no regular file.
bool looks_like_image(const std::string& path);

/// Writes a picture in the format that the ending of `path` names, atomically (temporary file + rename).
/// Throws `kIo`, `kUsage` (an empty picture), `kUnsupported` (an ending that no codec knows, or more pixels a
/// side than the format can hold).
void write_image(const std::string& path, const cv::Mat& bgr);

}  // namespace pose
