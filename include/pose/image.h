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

/// Decodes the bytes of a picture file to u8 BGR as a picture viewer shows it: upright, on white where it is
/// transparent (src/image/README.md, 3). Content decides the format: JPEG, PNG, WebP, GIF, TIFF, BMP, PNM,
/// and HEIC, AVIF, JPEG XL and JPEG 2000 where the build and the system have codecs for them. Of a damaged
/// picture what is there, with a warning. Throws `kFormat` (not a picture, or damaged beyond use),
/// `kUnsupported` (more than `max_pixels` by its header: refused before any pixel memory is taken; a kind
/// that cannot be read here, with what to do about it), `kMemory`, `kUsage` (`max_pixels` below 1).
DecodedImage decode_image(const std::vector<std::uint8_t>& bytes,
                          std::int64_t max_pixels = kDefaultMaxPixels);

/// The same from a file; a warning goes to the log. Throws `kNotFound` and `kIo` too.
cv::Mat read_image(const std::string& path, std::int64_t max_pixels = kDefaultMaxPixels);

/// True if the first bytes of the file are those of a picture, or of something that people take for one, such
/// as a video, whether `read_image` can read it here or not; false for unreadable and irregular files.
bool looks_like_image(const std::string& path);

/// Writes a picture in the format that the ending of `path` names, atomically (temporary file + rename).
/// Throws `kIo`, `kUsage` (an empty picture), `kUnsupported` (an ending that no codec knows, or more pixels a
/// side than the format can hold).
void write_image(const std::string& path, const cv::Mat& bgr);

}  // namespace pose
