#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>

namespace pose {

struct Size {
  int width = 0, height = 0;
};

/// How many pixels a decoded picture may have unless the caller says otherwise: 2^27, about 134 million.
constexpr std::int64_t kDefaultMaxPixels = std::int64_t{1} << 27;

/// Reads a picture as u8 BGR, upright (EXIF orientation applied; alpha dropped, grey expanded, 16 bits
/// reduced, CMYK converted). Content decides the format, never the name.
/// Throws `kNotFound`, `kIo`, `kFormat` (not a picture, or damaged beyond use), `kUnsupported` (more
/// than `max_pixels` by its header: refused before any pixel memory is taken).
cv::Mat read_image(const std::string& path, std::int64_t max_pixels = kDefaultMaxPixels);

/// True if the first bytes of the file are those of a picture format that `read_image` can read.
bool looks_like_image(const std::string& path);

/// Writes a picture in the format that the ending of `path` names, atomically (temporary file + rename).
/// Throws `kIo`, `kUnsupported` (an ending that no codec knows).
void write_image(const std::string& path, const cv::Mat& bgr);

}  // namespace pose
