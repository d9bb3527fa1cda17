#include "image/codecs/tiff_samples.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "pose/error.h"

namespace pose {
namespace {

template <typename T>
void convert(const std::uint8_t* row, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, row + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

void convert_half(const std::uint8_t* row, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, row + i * 2, 2);
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float size = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                       : exponent == 31 ? std::numeric_limits<float>::quiet_NaN()
                                        : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    out[i] = bits & 0x8000 ? -size : size;
  }
}

/// Samples of other sizes than whole bytes follow each other without gaps, the high bit first.
void convert_bits(const std::uint8_t* row, int bits, std::size_t count, float* out) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t value = 0;
    for (int k = 0; k < bits; ++k, ++at) value = value << 1 | (row[at / 8] >> (7 - at % 8) & 1u);
    out[i] = static_cast<float>(value);
  }
}

}  // namespace

TiffLayout tiff_layout(TIFF* tiff) {
  TiffLayout l;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &l.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &l.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &l.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &l.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &l.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &l.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &l.compression);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &l.photometric))
    l.photometric = l.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  l.tiled = TIFFIsTiled(tiff);
  std::uint16_t extras = 0, *kinds = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  for (int k = extras - 1; k >= 0; --k)
    if (kinds[k] == EXTRASAMPLE_ASSOCALPHA || kinds[k] == EXTRASAMPLE_UNASSALPHA) {
      l.alpha = l.samples - extras + k;
      l.premultiplied = kinds[k] == EXTRASAMPLE_ASSOCALPHA;
    }
  return l;
}

void check_samples(const TiffLayout& l) {
  const bool real = l.format == SAMPLEFORMAT_IEEEFP;
  const bool known = real                           ? l.bits == 16 || l.bits == 32 || l.bits == 64
                     : l.format == SAMPLEFORMAT_INT ? l.bits == 8 || l.bits == 16 || l.bits == 32
                                                    : (l.bits >= 1 && l.bits <= 16) || l.bits == 32;
  constexpr int kMostSamples = 64;  // of the many bands that satellites have, the first are shown
  const bool format =
      real || l.format == SAMPLEFORMAT_INT || l.format == SAMPLEFORMAT_UINT || l.format == SAMPLEFORMAT_VOID;
  if (!known || !format || l.samples < 1 || l.samples > kMostSamples)
    throw Error::unsupported("TIFF pictures with " + std::to_string(l.samples) + " samples of " +
                             std::to_string(l.bits) + " bits of this kind cannot be read");
}

void unpack_samples(const TiffLayout& l, const std::uint8_t* row, std::size_t count, float* out) {
  const bool real = l.format == SAMPLEFORMAT_IEEEFP, integer = l.format == SAMPLEFORMAT_INT;
  if (l.bits == 8)
    integer ? convert<std::int8_t>(row, count, out) : convert<std::uint8_t>(row, count, out);
  else if (l.bits == 16 && real)
    convert_half(row, count, out);
  else if (l.bits == 16)
    integer ? convert<std::int16_t>(row, count, out) : convert<std::uint16_t>(row, count, out);
  else if (l.bits == 64)
    convert<double>(row, count, out);
  else if (l.bits == 32 && real)
    convert<float>(row, count, out);
  else if (l.bits == 32)
    integer ? convert<std::int32_t>(row, count, out) : convert<std::uint32_t>(row, count, out);
  else
    convert_bits(row, l.bits, count, out);
}

}  // namespace pose
