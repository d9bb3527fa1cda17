#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "image/codec.h"

namespace pose {

/// How the samples of the current directory of a TIFF file are stored.
struct TiffLayout {
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1, format = SAMPLEFORMAT_UINT, samples = 1, planar = PLANARCONFIG_CONTIG;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK, compression = COMPRESSION_NONE;
  bool tiled = false;
  int alpha = -1;  ///< which sample it is
  bool premultiplied = false;
};

TiffLayout tiff_layout(TIFF* tiff);

/// The samples of one row, or of its piece in one tile.
struct TiffRun {
  std::uint32_t x, y;
  std::uint32_t count;  ///< pixels
  int first_sample;     ///< of the samples of a pixel, which are `layout.samples` or 1 if planar
  int samples;
  const float* values;  ///< pixel by pixel
};

/// Reads all samples as numbers and calls `take` for each run, until one cannot be decoded. Gives the rows
/// that are there whole.
template <typename Take>
std::uint32_t for_each_run(TIFF* tiff, const TiffLayout& layout, const PixelLimit& limit, Take take);

/// Throws `kUnsupported` for samples of a kind that `unpack_samples` does not know.
void check_samples(const TiffLayout& layout);

/// `count` samples as they lie in a row of bytes, made numbers.
void unpack_samples(const TiffLayout& layout, const std::uint8_t* row, std::size_t count, float* out);

template <typename Take>
std::uint32_t for_each_run(TIFF* tiff, const TiffLayout& layout, const PixelLimit& limit, Take take) {
  check_samples(layout);
  std::uint32_t block_width = layout.width, block_height = 1;
  if (layout.tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &block_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &block_height);
    limit.check(block_width, block_height);
  }
  const bool planar = layout.planar == PLANARCONFIG_SEPARATE;
  const int samples = planar ? 1 : layout.samples;
  const auto size = static_cast<std::size_t>(layout.tiled ? TIFFTileSize64(tiff) : TIFFScanlineSize64(tiff));
  const std::size_t stride =
      (std::size_t{block_width} * static_cast<std::size_t>(samples) * layout.bits + 7) / 8;
  if (size < stride * block_height) return 0;  // a kind of compression that lays samples out otherwise
  std::vector<std::uint8_t> bytes(size);
  std::vector<float> values(std::size_t{block_width} * static_cast<std::size_t>(samples));
  std::uint32_t whole = layout.height;
  for (int plane = 0; plane < (planar ? layout.samples : 1); ++plane)
    for (std::uint32_t y = 0; y < whole; y += block_height)
      for (std::uint32_t x = 0; x < layout.width; x += block_width) {
        const auto sample = static_cast<std::uint16_t>(plane);
        const bool read = layout.tiled ? TIFFReadTile(tiff, bytes.data(), x, y, 0, sample) >= 0
                                       : TIFFReadScanline(tiff, bytes.data(), y, sample) >= 0;
        if (!read) {
          whole = y;
          break;
        }
        const std::uint32_t wide = std::min(block_width, layout.width - x);
        for (std::uint32_t row = 0; row < std::min(block_height, layout.height - y); ++row) {
          unpack_samples(layout, bytes.data() + row * stride,
                         std::size_t{wide} * static_cast<std::size_t>(samples), values.data());
          take(TiffRun{x, y + row, wide, plane, samples, values.data()});
        }
      }
  return whole;
}

}  // namespace pose
