#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>

#include "pose/box.h"
#include "pose/options.h"

namespace pose {

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
