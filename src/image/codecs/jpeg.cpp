#include <array>
#include <vector>

#include "image/codec.h"
#include "image/orientation.h"

namespace pose {
namespace {

/// What stands before the pixels.
struct JpegOutline {
  std::uint64_t width = 0, height = 0;
  int orientation = 1;
  std::size_t scan = 0;  ///< where the first scan's header begins; 0: there is none
};

/// Walks the segments; bytes that do not belong between them are skipped, as libjpeg does.
JpegOutline outline_of(const Bytes& b) {
  JpegOutline outline;
  bool has_exif = false;
  for (std::size_t i = 2; i + 3 < b.size();) {
    if (b.at(i) != 0xFF || b.at(i + 1) == 0xFF || b.at(i + 1) == 0) {
      ++i;
      continue;
    }
    const std::uint64_t marker = b.at(i + 1);
    if (marker == 0xD9) break;
    if (marker == 0xDA) {
      outline.scan = i;
      break;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame && outline.width == 0) {
      outline.width = b.big(i + 7, 2);
      outline.height = b.big(i + 5, 2);
    }
    const bool standalone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    const auto length = standalone ? 0 : static_cast<std::size_t>(b.big(i + 2, 2));
    if (marker == 0xE1 && !has_exif && b.has(std::string_view("Exif\0\0", 6), i + 4)) {
      outline.orientation = exif_orientation(b.part(i + 4, length - std::min<std::size_t>(length, 2)));
      has_exif = true;
    }
    i += 2 + length;
  }
  return outline;
}

constexpr std::array<std::uint8_t, 2> kEndOfImage{0xFF, 0xD9};

}  // namespace

bool is_jpeg(const Bytes& start) { return start.has("\xFF\xD8\xFF"); }

Raster decode_jpeg(const Bytes& file, const PixelLimit& limit) {
  const JpegOutline outline = outline_of(file);
  limit.check(outline.width, outline.height);
  Raster raster;
  raster.orientation = outline.orientation;
  // Scans have no end-of-image marker inside; a thumbnail before them has.
  const Bytes scans = file.part(outline.scan);
  const std::uint8_t* end = scans.data() + scans.size();
  if (std::find_end(scans.data(), end, kEndOfImage.begin(), kEndOfImage.end()) != end) {
    raster.pixels = decode_with_opencv(file);
    return raster;
  }
  // Grey all over is no picture.
  if (scans.size() <= 2 + scans.big(2, 2)) missing_rows(0, static_cast<std::int64_t>(outline.height));
  // Without the marker the decoder would wait for more bytes.
  std::vector<std::uint8_t> ended(file.data(), file.data() + file.size());
  ended.insert(ended.end(), kEndOfImage.begin(), kEndOfImage.end());
  raster.pixels = decode_with_opencv({ended.data(), ended.size()});
  raster.warning = "the file is cut off; what could be read of the picture is used";
  return raster;
}

}  // namespace pose
