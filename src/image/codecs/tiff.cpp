#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "image/codec.h"
#include "image/codecs/tiff_samples.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr int kMostPages = 16;

/// A file that is cut off goes on with zeros, as long again, so that what is there of its last strip can be
/// decoded.
struct Source {
  Bytes file;
  toff_t at = 0;
  bool cut_off = false;  ///< it has been read beyond its end

  toff_t size() const { return 2 * file.size(); }
};

tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t count) {
  auto* source = static_cast<Source*>(handle);
  if (source->at > source->size()) return 0;
  const auto wanted = std::min<toff_t>(static_cast<toff_t>(count), source->size() - source->at);
  const Bytes next =
      source->file.part(static_cast<std::size_t>(source->at), static_cast<std::size_t>(wanted));
  auto* bytes = static_cast<std::uint8_t*>(out);
  std::fill(std::copy(next.data(), next.data() + next.size(), bytes), bytes + wanted, std::uint8_t{0});
  source->cut_off = source->cut_off || next.size() < wanted;
  source->at += wanted;
  return static_cast<tmsize_t>(wanted);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto* source = static_cast<Source*>(handle);
  const toff_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source->at : source->size();
  return source->at = from + offset;
}

int close_nothing(thandle_t) { return 0; }

toff_t size_of(thandle_t handle) { return static_cast<Source*>(handle)->size(); }

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, Close>;

Tiff open(Source& source) {
  // libtiff's own messages would stand between ours.
  static const bool silent = [] {
    TIFFSetErrorHandler(nullptr);
    TIFFSetWarningHandler(nullptr);
    return true;
  }();
  (void)silent;
  // "m": no memory map; strips are not chopped, "c".
  Tiff tiff(TIFFClientOpen("", "rmc", &source, &read_bytes, &write_nothing, &seek, &close_nothing, &size_of,
                           nullptr, nullptr));
  if (!tiff) throw Error::format("the header of this picture is damaged");
  return tiff;
}

/// Goes to the first page that is no thumbnail of another one.
void find_page(TIFF* tiff) {
  const auto is_thumbnail = [&] {
    std::uint32_t kind = 0;
    return TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) && (kind & FILETYPE_REDUCEDIMAGE);
  };
  std::uint16_t count = 0;
  void* others = nullptr;
  if (is_thumbnail() && TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &others) && count > 0)
    throw Error::unsupported(
        "this is a camera's raw file: develop it to JPEG or TIFF first, e.g. with darktable-cli");
  for (int page = 1; is_thumbnail(); ++page)
    if (page == kMostPages || !TIFFReadDirectory(tiff)) {
      TIFFSetDirectory(tiff, 0);
      return;
    }
}

/// Black and white among the numbers of a picture (src/image/README.md, 3).
struct Range {
  float black = 0, white = 1;
};

/// Of whole numbers up to 16 bits the type decides, of longer ones and floats what the picture holds.
Range range_of(TIFF* tiff, const TiffLayout& layout, const PixelLimit& limit) {
  const bool integer = layout.format == SAMPLEFORMAT_INT, real = layout.format == SAMPLEFORMAT_IEEEFP;
  if (!real && !integer && layout.bits <= 16) return {0, std::ldexp(1.0f, layout.bits) - 1};
  float least = 0, greatest = 0;
  for_each_run(tiff, layout, limit, [&](const TiffRun& run) {
    const std::size_t count = std::size_t{run.count} * static_cast<std::size_t>(run.samples);
    for (std::size_t i = 0; i < count; ++i)
      if (std::isfinite(run.values[i])) {
        least = std::min(least, run.values[i]);
        greatest = std::max(greatest, run.values[i]);
      }
  });
  if (integer && layout.bits <= 16) {
    const float white = std::ldexp(1.0f, layout.bits - 1) - 1;
    return {least < 0 ? -white - 1 : 0, white};
  }
  // Floats that pass 1 by a little are overexposed, not of another scale.
  const float one = real ? 4.0f : 1.0f;
  const float white = greatest <= one     ? 1.0f
                      : greatest <= 256   ? 255.0f
                      : greatest <= 65536 ? 65535.0f
                                          : greatest;
  return {least < -greatest / 2 ? -white : 0, white};
}

/// Colours, and alpha behind them: u8, of a palette the indices.
cv::Mat read_colours(TIFF* tiff, const TiffLayout& layout, int colours, Range range, const PixelLimit& limit,
                     std::string& warning) {
  const int channels = colours + (layout.alpha >= colours ? 1 : 0);
  cv::Mat pixels(static_cast<int>(layout.height), static_cast<int>(layout.width), CV_8UC(channels),
                 cv::Scalar::all(0));
  const float scale = 255 / (range.white - range.black);
  const std::uint32_t rows = for_each_run(tiff, layout, limit, [&](const TiffRun& run) {
    for (int c = 0; c < channels; ++c) {
      const int sample = (c < colours ? c : layout.alpha) - run.first_sample;
      if (sample < 0 || sample >= run.samples) continue;
      std::uint8_t* out = pixels.ptr(static_cast<int>(run.y), static_cast<int>(run.x)) + c;
      for (std::uint32_t i = 0; i < run.count; ++i, out += channels) {
        const float value =
            run.values[i * static_cast<std::uint32_t>(run.samples) + static_cast<std::uint32_t>(sample)];
        const float byte = (value - range.black) * scale + 0.5f;
        *out = byte >= 255 ? 255 : byte >= 0 ? static_cast<std::uint8_t>(byte) : 0;  // not a number: 0
      }
    }
  });
  if (rows < layout.height) warning = missing_rows(rows, layout.height);
  return pixels;
}

cv::Mat apply_palette(TIFF* tiff, const TiffLayout& layout, const cv::Mat& indices) {
  std::array<std::uint16_t*, 3> maps{};
  if (layout.bits > 8 || !TIFFGetField(tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
    throw Error::format("the palette of this picture is damaged (TIFF)");
  const int entries = 1 << layout.bits;
  // Old programs wrote palettes of 8 bits.
  bool deep = false;
  for (int i = 0; i < entries; ++i)
    for (const std::uint16_t* map : maps) deep = deep || map[i] > 255;
  const int channels = indices.channels();
  cv::Mat pixels(indices.size(), CV_8UC(channels + 2));
  for (int y = 0; y < pixels.rows; ++y) {
    const std::uint8_t* in = indices.ptr(y);
    std::uint8_t* out = pixels.ptr(y);
    for (int x = 0; x < pixels.cols; ++x, in += channels) {
      for (int c = 2; c >= 0; --c)
        *out++ = static_cast<std::uint8_t>(maps[static_cast<std::size_t>(c)][*in] >> (deep ? 8 : 0));
      if (channels == 2) *out++ = in[1];
    }
  }
  return pixels;
}

cv::Mat from_cmyk(const cv::Mat& cmyk) {
  cv::Mat bgr(cmyk.size(), CV_8UC3);
  for (int y = 0; y < bgr.rows; ++y) {
    const std::uint8_t* in = cmyk.ptr(y);
    std::uint8_t* out = bgr.ptr(y);
    for (int x = 0; x < bgr.cols; ++x, in += cmyk.channels(), out += 3)
      for (int c = 0; c < 3; ++c)
        out[c] = static_cast<std::uint8_t>(((255 - in[2 - c]) * (255 - in[3]) + 127) / 255);
  }
  return bgr;
}

/// Colours that libtiff converts itself: YCbCr, Lab and the like.
cv::Mat read_converted(TIFF* tiff, const TiffLayout& layout, const PixelLimit& limit) {
  if (layout.tiled) {
    std::uint32_t width = 0, height = 0;
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
    limit.check(width, height);
  }
  std::array<char, 1024> reason{};
  if (!TIFFRGBAImageOK(tiff, reason.data()))
    throw Error::unsupported("this kind of TIFF picture cannot be read (" + std::string(reason.data()) + ")");
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  cv::Mat rgba(static_cast<int>(layout.height), static_cast<int>(layout.width), CV_8UC4, cv::Scalar::all(0));
  // In the orientation that the file has, so that it is not turned twice. What is damaged stays black.
  if (!TIFFReadRGBAImageOriented(tiff, layout.width, layout.height, rgba.ptr<std::uint32_t>(), orientation,
                                 0))
    throw Error::format("the picture is damaged (TIFF)");
  cv::Mat bgr;
  cv::cvtColor(rgba, bgr, cv::COLOR_RGBA2BGR);
  return bgr;
}

cv::Mat read_page(TIFF* tiff, TiffLayout layout, const PixelLimit& limit, std::string& warning) {
  const bool palette = layout.photometric == PHOTOMETRIC_PALETTE;
  int colours = 1;
  switch (layout.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE: break;
    case PHOTOMETRIC_RGB: colours = 3; break;
    case PHOTOMETRIC_SEPARATED: colours = 4; break;
    case PHOTOMETRIC_CFA:
    case 34892:  // linear raw, of DNG
      throw Error::unsupported(
          "this is a camera's raw file: develop it to JPEG or TIFF first, e.g. with darktable-cli");
    default: return read_converted(tiff, layout, limit);
  }
  if (layout.samples < colours) throw Error::format("the header of this picture is damaged");
  if (!TIFFIsCODECConfigured(layout.compression))
    throw Error::unsupported("this libtiff cannot read TIFF compression " +
                             std::to_string(layout.compression));
  const Range range = palette ? Range{0, 255} : range_of(tiff, layout, limit);
  cv::Mat pixels = read_colours(tiff, layout, colours, range, limit, warning);
  if (palette) return apply_palette(tiff, layout, pixels);
  if (colours == 4) return from_cmyk(pixels);
  if (layout.photometric == PHOTOMETRIC_MINISWHITE)
    cv::bitwise_xor(pixels, cv::Scalar(255, 0), pixels);
  else if (pixels.channels() >= 3)
    cv::cvtColor(pixels, pixels, pixels.channels() == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGRA);
  return pixels;
}

}  // namespace

bool is_tiff(const Bytes& start) {
  // Classic and big, in both orders of bytes.
  return start.has(std::string_view("II*\0", 4)) || start.has(std::string_view("MM\0*", 4)) ||
         start.has(std::string_view("II+\0\x08", 5)) || start.has(std::string_view("MM\0+\0\x08", 6));
}

Raster decode_tiff(const Bytes& file, const PixelLimit& limit) {
  Source source{file};
  const Tiff tiff = open(source);
  find_page(tiff.get());
  const TiffLayout layout = tiff_layout(tiff.get());
  source.cut_off = false;  // libtiff reads ahead while it looks for the pages
  limit.check(layout.width, layout.height);
  Raster raster;
  raster.pixels = read_page(tiff.get(), layout, limit, raster.warning);
  if (source.cut_off && raster.warning.empty())
    raster.warning = "the file is cut off; what could be read of the picture is used";
  raster.premultiplied = layout.premultiplied;
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  raster.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  return raster;
}

}  // namespace pose
