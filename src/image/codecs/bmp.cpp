#include <algorithm>
#include <array>
#include <opencv2/core.hpp>

#include "image/codec.h"
#include "pose/error.h"

namespace pose {
namespace {

struct BmpHeader {
  std::uint64_t width = 0, height = 0;
  bool top_down = false;
  std::uint64_t bits = 0, compression = 0;
  std::size_t palette = 0, entry = 4, colours = 0;  ///< where the palette is, bytes an entry, entries
  std::array<std::uint32_t, 4> masks{0, 0, 0, 0};   ///< of blue, green, red, alpha
  std::size_t pixels = 0;
};

constexpr std::uint64_t kUncompressed = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3, kMasksWithAlpha = 6;

void read_masks(const Bytes& b, std::size_t header_size, BmpHeader& h) {
  const auto number = [&](std::size_t i) { return static_cast<std::uint32_t>(b.little(i, 4)); };
  h.masks = {number(62), number(58), number(54), 0};  // in the header, or right behind a short one
  if (header_size >= 56 || h.compression == kMasksWithAlpha) h.masks[3] = number(66);
  if (header_size == 40) h.palette += h.compression == kMasksWithAlpha ? 16 : 12;
}

BmpHeader header_of(const Bytes& b) {
  BmpHeader h;
  const auto header_size = static_cast<std::size_t>(b.little(14, 4));
  h.pixels = static_cast<std::size_t>(b.little(10, 4));
  h.palette = 14 + header_size;
  if (header_size == 12) {  // of OS/2
    h.width = b.little(18, 2), h.height = b.little(20, 2), h.bits = b.little(24, 2);
    h.entry = 3;
  } else {
    const auto height = static_cast<std::int32_t>(b.little(22, 4));  // negative: rows from top to bottom
    h.width = b.little(18, 4), h.bits = b.little(28, 2), h.compression = b.little(30, 4);
    h.height = static_cast<std::uint64_t>(height < 0 ? -std::int64_t{height} : height);
    h.top_down = height < 0;
    h.colours = static_cast<std::size_t>(b.little(46, 4));
  }
  if (h.compression == kMasks || h.compression == kMasksWithAlpha)
    read_masks(b, header_size, h);
  else if (h.bits == 16)
    h.masks = {0x1F, 0x3E0, 0x7C00, 0};
  else if (h.bits >= 24)
    h.masks = {0xFF, 0xFF00, 0xFF0000, 0};
  if (h.bits <= 8 && (h.colours == 0 || h.colours > 256)) h.colours = std::size_t{1} << h.bits;
  return h;
}

bool has_runs(const BmpHeader& h) {
  return (h.compression == kRuns8 && h.bits == 8) || (h.compression == kRuns4 && h.bits == 4);
}

bool is_plain(const BmpHeader& h) {
  const bool known =
      h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
  const bool masks = (h.compression == kMasks || h.compression == kMasksWithAlpha) && h.bits >= 16;
  return known && (h.compression == kUncompressed || masks);
}

void put_colour(const Bytes& file, const BmpHeader& h, std::size_t index, std::uint8_t* out) {
  const std::size_t colour = h.palette + h.entry * std::min(index, h.colours - 1);
  for (std::size_t c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(file.at(colour + c));
}

/// The part of `pixel` under the mask as a byte.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  while (!(mask & 1)) mask >>= 1, pixel >>= 1;
  return static_cast<std::uint8_t>((std::uint64_t{pixel & mask} * 255 + mask / 2) / mask);
}

void read_row(const Bytes& file, const BmpHeader& h, const Bytes& row, int width, std::uint8_t* out) {
  const bool alpha = h.masks[3] != 0;
  for (int x = 0; x < width; ++x) {
    const auto at = static_cast<std::size_t>(x) * h.bits / 8;
    if (h.bits <= 8) {
      const auto shift = 8 - h.bits - static_cast<std::uint64_t>(x) * h.bits % 8;
      const auto index = static_cast<std::size_t>(row.at(at) >> shift & ((1u << h.bits) - 1));
      put_colour(file, h, index, out);
      out += 3;
      continue;
    }
    const auto pixel = static_cast<std::uint32_t>(row.little(at, static_cast<int>(h.bits / 8)));
    for (std::size_t c = 0; c < (alpha ? 4u : 3u); ++c) *out++ = masked(pixel, h.masks[c]);
  }
}

/// Pairs of bytes: a count and colours that repeat; after a 0 the end of a row (0), of the picture (1), a
/// jump (2), or that many pixels as they are. What is left out has the first colour. Gives the rows that were
/// begun.
int read_runs(const Bytes& file, const BmpHeader& h, cv::Mat& pixels) {
  int x = 0, row = 0;
  const auto put = [&](std::size_t at, std::size_t count, bool repeats) {
    for (std::size_t i = 0; i < count && x < pixels.cols; ++i, ++x) {
      const std::size_t k = repeats ? (h.bits == 4 ? i % 2 : 0) : i;
      const std::uint64_t byte = file.at(at + (h.bits == 4 ? k / 2 : k));
      const std::uint64_t index = h.bits == 8 ? byte : k % 2 ? byte & 15 : byte >> 4;
      put_colour(file, h, static_cast<std::size_t>(index), pixels.ptr(pixels.rows - 1 - row, x));
    }
  };
  for (std::size_t at = h.pixels; at < file.size() && row < pixels.rows;) {
    const auto count = static_cast<std::size_t>(file.at(at)),
               what = static_cast<std::size_t>(file.at(at + 1));
    at += 2;
    if (count > 0) {
      put(at - 1, count, true);
    } else if (what == 0) {
      x = 0, ++row;
    } else if (what == 1) {
      return pixels.rows;
    } else if (what == 2) {
      x += static_cast<int>(file.at(at)), row += static_cast<int>(file.at(at + 1));
      at += 2;
    } else {
      put(at, what, false);
      at += ((h.bits == 8 ? what : (what + 1) / 2) + 1) & ~std::size_t{1};  // to even places
    }
  }
  return std::min(row, pixels.rows);
}

}  // namespace

/// Two letters are a weak signature: plain text may begin with them.
bool is_bmp(const Bytes& start) {
  const std::uint64_t header_size = start.little(14, 4);
  const BmpHeader h = header_of(start);
  return start.has("BM") && header_size >= 12 && header_size <= 256 && h.width != 0 && h.height != 0;
}

Raster decode_bmp(const Bytes& file, const PixelLimit& limit) {
  const BmpHeader h = header_of(file);
  limit.check(h.width, h.height);
  Raster raster;
  raster.pixels = cv::Mat(static_cast<int>(h.height), static_cast<int>(h.width),
                          h.masks[3] ? CV_8UC4 : CV_8UC3, cv::Scalar::all(128));
  if (has_runs(h)) {
    for (int y = 0; y < raster.pixels.rows; ++y)
      for (int x = 0; x < raster.pixels.cols; ++x) put_colour(file, h, 0, raster.pixels.ptr(y, x));
    const int rows = read_runs(file, h, raster.pixels);
    if (rows < raster.pixels.rows) raster.warning = missing_rows(rows, raster.pixels.rows);
    return raster;
  }
  if (!is_plain(h)) throw Error::unsupported("this kind of BMP picture cannot be read");
  const std::size_t stride = static_cast<std::size_t>((h.width * h.bits + 31) / 32 * 4);
  const std::size_t there = file.part(h.pixels).size();
  const auto rows = std::min<std::int64_t>(static_cast<std::int64_t>(h.height),
                                           static_cast<std::int64_t>((there + 3) / stride));
  if (rows < static_cast<std::int64_t>(h.height))
    raster.warning = missing_rows(rows, static_cast<std::int64_t>(h.height));
  for (int k = 0; k < static_cast<int>(rows); ++k) {
    const int y = h.top_down ? k : raster.pixels.rows - 1 - k;
    const Bytes row = file.part(h.pixels + static_cast<std::size_t>(k) * stride, stride);
    read_row(file, h, row, raster.pixels.cols, raster.pixels.ptr(y));
  }
  return raster;
}

}  // namespace pose
