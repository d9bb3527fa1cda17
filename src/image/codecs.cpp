#include <algorithm>
#include <array>
#include <cctype>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "image/codec.h"
#include "pose/error.h"

namespace pose {
namespace {

/// OpenCV reads no picture with longer sides.
constexpr std::uint64_t kGreatestSide = std::uint64_t{1} << 20;

#ifdef POSE_WITH_HEIF
constexpr auto kDecodeHeif = &decode_heif;
#else
constexpr decltype(&decode_heif) kDecodeHeif = nullptr;
#endif
#ifdef POSE_WITH_JXL
constexpr auto kDecodeJxl = &decode_jxl;
#else
constexpr decltype(&decode_jxl) kDecodeJxl = nullptr;
#endif

/// ISO base media, of the phones' pictures and videos: "ftyp" and a brand of four letters.
template <typename Brands>
bool has_brand(const Bytes& start, const Brands& brands) {
  if (!start.has("ftyp", 4)) return false;
  // The major brand, a version, then compatible ones to the end of the box.
  const std::size_t end = std::min<std::size_t>(static_cast<std::size_t>(start.big(0, 4)), start.size());
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
    for (const std::string_view brand : brands)
      if (start.has(brand, at)) return true;
  return false;
}

bool is_heif(const Bytes& start) {
  constexpr std::array<std::string_view, 10> kBrands{
      {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"}};
  return has_brand(start, kBrands);
}

bool is_jxl(const Bytes& start) {
  return start.has("\xFF\x0A") || start.has(std::string_view("\0\0\0\x0CJXL \r\n\x87\n", 12));
}

bool is_video(const Bytes& start) {
  if (start.has("RIFF") && start.has("AVI ", 8)) return true;
  // After those of pictures have been tried: "ftyp" of QuickTime and MPEG-4, or a QuickTime file without it.
  if (start.has("ftyp", 4) || start.has("moov", 4) || start.has("mdat", 4) || start.has("wide", 4))
    return true;
  constexpr std::array<std::string_view, 6> kStarts{
      {"\x1A\x45\xDF\xA3", std::string_view("FLV\1", 4), std::string_view("\0\0\1\xBA", 4),
       std::string_view("\0\0\1\xB3", 4), "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "OggS"}};
  const bool transport_stream = start.at(0) == 'G' && start.at(188) == 'G' && start.at(376) == 'G';
  return transport_stream ||
         std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view s) { return start.has(s); });
}

bool is_raw(const Bytes& start) {
  return start.has("CR\2", 8) || start.has("FUJIFILMCCD-RAW") || start.has("IIRO") || start.has("IIRS") ||
         start.has("MMOR") || start.has(std::string_view("IIU\0", 4)) || (start.has("ftypcrx ", 4));
}

bool is_photoshop(const Bytes& start) { return start.has("8BPS"); }

/// In the order in which they are tried: weak signatures come last.
constexpr std::array<Codec, 13> kCodecs{{
    {"a JPEG picture", &is_jpeg, &decode_jpeg, ""},
    {"a PNG picture", &is_png, &decode_png, ""},
    {"a WebP picture", &is_webp, &decode_webp, ""},
    {"a camera's raw file", &is_raw, nullptr, "develop it to JPEG or TIFF first, e.g. with darktable-cli"},
    {"a TIFF picture", &is_tiff, &decode_tiff, ""},
    {"a GIF picture", &is_gif, &decode_gif, ""},
    {"a HEIC or AVIF picture", &is_heif, kDecodeHeif,
     "install libheif-dev (on Debian 13 and Ubuntu libheif-plugin-libde265 and libheif-plugin-dav1d too) and "
     "build pose anew"},
    {"a JPEG XL picture", &is_jxl, kDecodeJxl, "install libjxl-dev and build pose anew"},
    {"a JPEG 2000 picture", &is_jpeg2000, &decode_jpeg2000, ""},
    {"a video", &is_video, nullptr,
     "take pictures out of it first, e.g. with: ffmpeg -i VIDEO -vf fps=5 FOLDER/%06d.jpg"},
    {"a Photoshop file", &is_photoshop, nullptr, "save it as JPEG, PNG or TIFF first"},
    {"a BMP picture", &is_bmp, &decode_bmp, ""},
    {"a PNM picture", &is_pnm, &decode_pnm, ""},
}};

}  // namespace

void PixelLimit::check(std::uint64_t width, std::uint64_t height) const {
  if (width == 0 || height == 0) throw Error::format("the header of this picture is damaged");
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width > static_cast<std::uint64_t>(max_pixels_) / height)
    throw Error::unsupported("the picture is said to be " + size + ": more than " +
                             std::to_string(max_pixels_) + " pixels (raise --max_pixels if that is right)");
  if (std::max(width, height) > kGreatestSide)
    throw Error::unsupported("the picture is said to be " + size + ": pictures with sides over " +
                             std::to_string(kGreatestSide) + " pixels cannot be read");
}

const Codec* recognise_codec(const Bytes& start) {
  const auto* found =
      std::find_if(kCodecs.begin(), kCodecs.end(), [&](const Codec& c) { return c.recognises(start); });
  return found == kCodecs.end() ? nullptr : found;
}

void check_readable(const Codec& codec) {
  if (!codec.decode)
    throw Error::unsupported("this is " + std::string(codec.name) +
                             ", which pose cannot read here: " + std::string(codec.remedy));
}

Bytes skip_blanks(const Bytes& file) {
  std::size_t i = file.has("\xEF\xBB\xBF") ? 3 : 0;
  while (i < file.size() && std::isspace(static_cast<int>(file.at(i)))) ++i;
  return file.part(i);
}

cv::Mat decode_with_opencv(const Bytes& file) {
  const cv::Mat view(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::uint8_t*>(file.data()));
  cv::Mat bgr;
  try {
    bgr = cv::imdecode(view, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& e) {
    if (e.code == cv::Error::StsNoMem) throw Error::memory("not enough memory for this picture");
    throw Error::format("the picture cannot be decoded: " + e.err);
  }
  if (bgr.empty()) throw Error::format("the picture is damaged");
  return bgr;
}

}  // namespace pose
