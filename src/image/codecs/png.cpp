#include <png.h>

#include <csetjmp>
#include <cstring>
#include <opencv2/core.hpp>

#include "image/codec.h"
#include "image/orientation.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr std::size_t kSignatureSize = 8;

/// What libpng's callbacks share. libpng leaves a function by longjmp, past which no destructor may stand.
struct PngReader {
  Bytes file;
  std::size_t at = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  cv::Mat pixels;
  std::int64_t rows = 0;  ///< that have been read to the end
  bool damaged = false;   ///< a checksum is wrong, or the end is missing
  char error[128] = "";   ///< libpng's, if it gave up

  explicit PngReader(const Bytes& bytes) : file(bytes) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &PngReader::on_error, &PngReader::on_warning);
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) throw Error::memory("not enough memory for this picture");
    png_set_read_fn(png, this, &PngReader::on_read);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->error, message, sizeof self->error - 1);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp png, png_const_charp message) {
    if (std::strstr(message, "CRC")) static_cast<PngReader*>(png_get_error_ptr(png))->damaged = true;
  }
  static void on_read(png_structp png, png_bytep out, std::size_t count) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    const Bytes next = self->file.part(self->at, count);
    if (next.size() != count) png_error(png, "the file is cut off");
    std::memcpy(out, next.data(), count);
    self->at += count;
  }
};

/// Up to the pixels; false if libpng gave up.
bool read_header(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  // What does not concern pixels is passed over; sides are checked by us, not by libpng.
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // The last piece of a file that is cut off is lost: smaller ones take longer.
  constexpr std::size_t kSmallPiece = 64;
  if (reader.file.text().rfind("IEND") == std::string_view::npos)
    png_set_compression_buffer_size(reader.png, kSmallPiece);
  png_read_info(reader.png, reader.info);
  // From here on a wrong checksum is told, no more: most pixels will be right.
  png_set_crc_action(reader.png, PNG_CRC_WARN_USE, PNG_CRC_WARN_USE);
  return true;
}

/// Bytes in the order that `Raster` has. 16 bits lose their lower half, as in OpenCV.
bool set_up(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_set_expand(reader.png);
  png_set_strip_16(reader.png);
  png_set_bgr(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_pixels(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  const int passes = png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_NONE ? 1 : 7;
  for (int pass = 0; pass < passes; ++pass)
    for (int y = 0; y < reader.pixels.rows; ++y) {
      png_read_row(reader.png, nullptr, reader.pixels.ptr(y));  // coarse until the last pass
      if (pass == 0 || passes == 1) reader.rows = y + 1;
    }
  return true;
}

bool read_end(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_read_end(reader.png, nullptr);
  return true;
}

/// EXIF's orientation, or XMP's where there is no EXIF block; they may stand behind the pixels.
int orientation_of(const Bytes& file) {
  constexpr std::string_view kXmp("XML:com.adobe.xmp\0", 18);
  int from_xmp = 1;
  for (std::size_t at = kSignatureSize; at + 8 < file.size();) {
    const auto length = static_cast<std::size_t>(file.big(at, 4));
    const Bytes content = file.part(at + 8, length);
    if (file.has("eXIf", at + 4)) return exif_orientation(content);
    if (file.has("iTXt", at + 4) && content.has(kXmp)) from_xmp = xmp_orientation(content.text());
    at += 12 + length;
  }
  return from_xmp;
}

}  // namespace

bool is_png(const Bytes& start) { return start.has("\x89PNG\r\n\x1A\n"); }

Raster decode_png(const Bytes& file, const PixelLimit& limit) {
  PngReader reader(file);
  if (!read_header(reader)) {
    // A header with a side of 0 is not told from others by libpng.
    limit.check(file.big(16, 4), file.big(20, 4));
    throw Error::format("the picture is damaged (PNG: " + std::string(reader.error) + ")");
  }
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  limit.check(width, height);
  if (!set_up(reader)) throw Error::format("the picture is damaged (PNG: " + std::string(reader.error) + ")");
  const int channels = png_get_channels(reader.png, reader.info);
  reader.pixels =
      cv::Mat(static_cast<int>(height), static_cast<int>(width), CV_8UC(channels), cv::Scalar::all(128));
  Raster raster;
  if (!read_pixels(reader))
    raster.warning = missing_rows(reader.rows, height);
  else if (!read_end(reader) || reader.damaged)
    raster.warning = "the file is damaged (a checksum is wrong, or the end is missing); the picture is used";
  raster.pixels = reader.pixels;
  raster.orientation = orientation_of(file);
  return raster;
}

}  // namespace pose
