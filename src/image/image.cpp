#include "pose/image.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "base/atomic_file.h"
#include "image/codec.h"
#include "image/image_file.h"
#include "pose/error.h"
#include "pose/log.h"

namespace pose {
namespace {

constexpr int kJpegQuality = 95;
/// Most pixels a side that a format can hold, where that is less than what we read.
struct SideLimit {
  std::string_view ending;
  int side;
};
constexpr std::array<SideLimit, 5> kSideLimits{
    {{".jpg", 65500}, {".jpeg", 65500}, {".jpe", 65500}, {".webp", 16383}, {".png", 1'000'000}}};

/// OpenCV's own messages would stand between ours.
void silence_opencv() {
  static const auto once = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  (void)once;
}

/// OpenCV's exceptions with our words and kinds.
[[noreturn]] void fail_in_codec(const cv::Exception& e, ErrorKind kind, const std::string& what) {
  if (e.code == cv::Error::StsNoMem) throw Error::memory("not enough memory for this picture");
  throw Error(kind, what + ": " + e.err);
}

void check_side_limit(const cv::Mat& bgr, const std::string& ending, const std::string& what) {
  for (const SideLimit& limit : kSideLimits)
    if (limit.ending == ending && std::max(bgr.cols, bgr.rows) > limit.side)
      throw Error::unsupported(what + ": that format holds at most " + std::to_string(limit.side) +
                               " pixels a side");
}

}  // namespace

DecodedImage decode_image(const std::vector<std::uint8_t>& bytes, std::int64_t max_pixels) {
  silence_opencv();
  if (max_pixels < 1) throw Error::usage("max_pixels must be 1 or more");
  if (bytes.empty()) throw Error::format("the file is empty");
  const Bytes file = skip_blanks({bytes.data(), bytes.size()});
  const Codec* codec = recognise_codec(file);
  if (!codec) throw Error::format("not a picture in a known format");
  check_readable(*codec);
  if (bytes.size() > kLargestPictureFile) throw Error::unsupported("picture files over 2 GB cannot be read");
  Raster raster = codec->decode(file, PixelLimit(max_pixels));
  std::string warning = std::move(raster.warning);
  return {finish_raster(std::move(raster)), std::move(warning)};
}

cv::Mat read_image(const std::string& path, std::int64_t max_pixels) {
  DecodedImage image = decode_image(read_image_file(path).bytes, max_pixels);
  if (!image.warning.empty()) log_warning(path + ": " + image.warning);
  return std::move(image.bgr);
}

void write_image(const std::string& path, const cv::Mat& bgr) {
  silence_opencv();
  if (bgr.empty()) throw Error::usage("cannot write " + path + ": the picture has no pixels");
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const std::string what = "cannot write a picture of " + std::to_string(bgr.cols) + "x" +
                           std::to_string(bgr.rows) + " as '" + ending + "'";
  check_side_limit(bgr, ending, what);
  std::vector<std::uint8_t> bytes;
  bool written = false;
  try {
    written = cv::imencode(ending, bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality});
  } catch (const cv::Exception& e) {
    fail_in_codec(e, ErrorKind::kUnsupported, what);
  }
  if (!written) throw Error::unsupported(what);
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace pose
