#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pose {

/// What the first bytes of a picture say, read without decoding anything. Sides as stored, before any
/// turning.
struct ImageHeader {
  std::string_view format;              ///< "jpeg", "png", "bmp", "webp", "tiff", "pnm", "gif"
  std::uint64_t width = 0, height = 0;  ///< 0 if the header is broken
};

/// Nothing if the bytes are no picture of a known format.
std::optional<ImageHeader> probe_image(const std::uint8_t* data, std::size_t size);

}  // namespace pose
