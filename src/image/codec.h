#pragma once

#include <cstdint>
#include <string_view>

#include "image/bytes.h"
#include "image/raster.h"

namespace pose {

/// The most pixels that a picture may have.
class PixelLimit {
 public:
  explicit PixelLimit(std::int64_t max_pixels) : max_pixels_(max_pixels) {}
  /// To be called by each codec with the sides of what it is going to decode, before it takes memory for
  /// that. Throws `kFormat` for sides of 0, `kUnsupported` for too many pixels and sides over 2^20.
  void check(std::uint64_t width, std::uint64_t height) const;

 private:
  std::int64_t max_pixels_;
};

/// One row of the table of codecs: a kind of file that people take for a picture.
struct Codec {
  std::string_view name;  ///< in words, with its article
  /// Whether a file that begins so is one of these; 4096 bytes of it are enough.
  bool (*recognises)(const Bytes& start);
  /// Null where this build cannot read them. Throws `kFormat`, `kUnsupported`, `kMemory`.
  Raster (*decode)(const Bytes& file, const PixelLimit& limit);
  std::string_view remedy;  ///< what to do then
};

/// The row that recognises a file by its first bytes, or null. Blanks before a picture, as some web servers
/// write them, must have been skipped.
const Codec* recognise_codec(const Bytes& start);

/// Throws `kUnsupported` with the remedy if this build cannot read files of this kind.
void check_readable(const Codec& codec);

/// The file from its first byte that is neither blank nor a byte order mark.
Bytes skip_blanks(const Bytes& file);

/// OpenCV's decoder with its errors in our words: pixels as stored, but u8 BGR. Throws `kFormat` if it cannot
/// read them, `kMemory`.
cv::Mat decode_with_opencv(const Bytes& file);

// The functions behind the rows, a file each.
bool is_jpeg(const Bytes& start);
bool is_png(const Bytes& start);
bool is_bmp(const Bytes& start);
bool is_webp(const Bytes& start);
bool is_tiff(const Bytes& start);
bool is_gif(const Bytes& start);
bool is_pnm(const Bytes& start);
bool is_jpeg2000(const Bytes& start);
Raster decode_jpeg(const Bytes& file, const PixelLimit& limit);
Raster decode_png(const Bytes& file, const PixelLimit& limit);
Raster decode_bmp(const Bytes& file, const PixelLimit& limit);
Raster decode_webp(const Bytes& file, const PixelLimit& limit);
Raster decode_tiff(const Bytes& file, const PixelLimit& limit);
Raster decode_gif(const Bytes& file, const PixelLimit& limit);
Raster decode_pnm(const Bytes& file, const PixelLimit& limit);
Raster decode_jpeg2000(const Bytes& file, const PixelLimit& limit);
Raster decode_heif(const Bytes& file, const PixelLimit& limit);
Raster decode_jxl(const Bytes& file, const PixelLimit& limit);

}  // namespace pose
