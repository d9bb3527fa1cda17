#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pose/error.h"
#include "pose/image.h"

namespace pose::test {

/// Red in the top left quarter, blue elsewhere; 48x32.
cv::Mat corner();

std::string encoded(const std::string& ending, const cv::Mat& picture);

/// A literal with all its bytes, zeros too.
template <std::size_t N>
std::string raw(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

/// A number of `count` bytes in the given order.
std::string number(std::uint64_t value, int count, bool little);

/// An EXIF block that holds an orientation.
std::string exif_block(int orientation);

/// The PNG with a chunk behind its header; its checksum is right.
std::string with_chunk(const std::string& png, const std::string& name, const std::string& content);

/// The WebP of OpenCV with a chunk of metadata.
std::string with_webp_chunk(const std::string& webp, const std::string& name, const std::string& content);

/// A TIFF file as its tags say; all values are one number or a list of 16-bit ones.
struct TiffFile {
  std::vector<std::pair<int, std::vector<std::uint32_t>>> tags;  ///< besides sides, offsets and counts
  int width = 0, height = 0;
  std::vector<std::string> strips;  ///< one a plane or one in all; with tags of tiles, tiles

  std::string bytes(bool little = true, bool big_tiff = false) const;
};

DecodedImage decode(const std::string& bytes, std::int64_t max_pixels = kDefaultMaxPixels);

/// The error of reading these bytes; a picture that is read is a failure of the test.
Error refusal(const std::string& bytes, std::int64_t max_pixels = kDefaultMaxPixels);

/// Whether the picture is `corner()` with some loss.
bool is_corner(const cv::Mat& picture);

}  // namespace pose::test
