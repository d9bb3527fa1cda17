#include <algorithm>

#include "image/codec.h"

namespace pose {
namespace {

/// Start of codestream, then the marker of the sides, which comes first in it.
constexpr std::string_view kCodestream = "\xFF\x4F\xFF\x51";

}  // namespace

bool is_jpeg2000(const Bytes& start) {
  return start.has(std::string_view("\0\0\0\x0CjP  \r\n\x87\n", 12)) || start.has(kCodestream);
}

Raster decode_jpeg2000(const Bytes& file, const PixelLimit& limit) {
  // The largest of all codestreams, since which one the library takes is its own affair.
  const std::string_view text = file.text();
  std::uint64_t width = 0, height = 0;
  for (std::size_t at = text.find(kCodestream); at != text.npos; at = text.find(kCodestream, at + 1)) {
    width = std::max(width, file.big(at + 8, 4));
    height = std::max(height, file.big(at + 12, 4));
  }
  limit.check(width, height);
  Raster raster;
  raster.pixels = decode_with_opencv(file);
  return raster;
}

}  // namespace pose
