#include "image/orientation.h"

#include <opencv2/core.hpp>

namespace pose {
namespace {

constexpr std::uint64_t kOrientationTag = 274;

int checked(std::uint64_t orientation) {
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

}  // namespace

int exif_orientation(Bytes exif) {
  if (exif.has(std::string_view("Exif\0\0", 6))) exif = exif.part(6);
  const bool little = exif.has(std::string_view("II*\0", 4));
  if (!little && !exif.has(std::string_view("MM\0*", 4))) return 1;
  const auto number = [&](std::size_t i, int count) {
    return little ? exif.little(i, count) : exif.big(i, count);
  };
  const auto directory = static_cast<std::size_t>(number(4, 4));
  const std::uint64_t entries = number(directory, 2);
  for (std::uint64_t k = 0; k < entries; ++k) {
    const std::size_t entry = directory + 2 + 12 * static_cast<std::size_t>(k);
    if (entry >= exif.size()) break;
    if (number(entry, 2) == kOrientationTag)
      return checked(number(entry + 8, number(entry + 2, 2) == 4 ? 4 : 2));
  }
  return 1;
}

int xmp_orientation(std::string_view xmp) {
  // An attribute, tiff:Orientation="6", or an element, <tiff:Orientation>6</tiff:Orientation>.
  constexpr std::string_view kName = "tiff:Orientation";
  const std::size_t name = xmp.find(kName);
  if (name == std::string_view::npos) return 1;
  const std::size_t value = xmp.find_first_not_of(" \t\r\n=\"'>", name + kName.size());
  if (value == std::string_view::npos || xmp[value] < '0' || xmp[value] > '9') return 1;
  const bool longer = value + 1 < xmp.size() && xmp[value + 1] >= '0' && xmp[value + 1] <= '9';
  return longer ? 1 : checked(static_cast<std::uint64_t>(xmp[value] - '0'));
}

cv::Mat turn_upright(const cv::Mat& picture, int orientation) {
  if (orientation == 1) return picture;
  cv::Mat turned = picture;
  if (orientation >= 5) cv::transpose(picture, turned);
  // What the transposed picture still lacks, likewise the others: a mirror left to right is 1, upside down 0,
  // both -1.
  constexpr int kNone = 2;
  constexpr int kFlips[] = {kNone, kNone, 1, -1, 0, kNone, 1, -1, 0};
  const int flip = kFlips[orientation];
  if (flip == kNone) return turned;
  cv::Mat upright;
  cv::flip(turned, upright, flip);
  return upright;
}

}  // namespace pose
