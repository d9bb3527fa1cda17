#include "pose/image.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "image/image_header.h"
#include "pose/error.h"
#include "pose/log.h"

namespace pose {
namespace {

constexpr int kJpegQuality = 95;
/// As many bytes as `looks_like_image` reads: enough for the frame header behind an EXIF block.
constexpr std::size_t kHeaderBytes = 256 * 1024;

/// OpenCV's own messages would stand between ours.
void silence_opencv() {
  static const auto once = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  (void)once;
}

/// A JPEG must end with the end-of-image marker; a file cut off in the middle decodes to a picture that is
/// partly grey.
bool jpeg_is_cut_off(const MappedFile& file) {
  for (std::size_t i = file.size(); i >= 2; --i)
    if (file.data()[i - 2] == 0xFF && file.data()[i - 1] == 0xD9) return false;
  return true;
}

void check_size(const ImageHeader& header, std::int64_t max_pixels) {
  if (header.width == 0 || header.height == 0) throw Error::format("the header of this picture is damaged");
  const std::uint64_t limit = static_cast<std::uint64_t>(max_pixels);
  const auto int_max = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
  if (header.width > int_max || header.height > int_max || header.width > limit / header.height)
    throw Error::unsupported("the picture is said to be " + std::to_string(header.width) + "x" +
                             std::to_string(header.height) + ": more than " + std::to_string(max_pixels) +
                             " pixels (raise --max_pixels if that is right)");
}

}  // namespace

cv::Mat read_image(const std::string& path, std::int64_t max_pixels) {
  silence_opencv();
  const auto file = MappedFile::open(path);
  if (file->size() == 0) throw Error::format("the file is empty");
  const auto header = probe_image(file->data(), file->size());
  if (!header) throw Error::format("not a picture in a known format");
  check_size(*header, max_pixels);
  if (file->size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error::unsupported("picture files over 2 GB cannot be read");
  cv::Mat bytes(1, static_cast<int>(file->size()), CV_8UC1, const_cast<std::uint8_t*>(file->data()));
  cv::Mat picture;
  try {
    picture = cv::imdecode(bytes, cv::IMREAD_COLOR);
  } catch (const cv::Exception& e) {
    throw Error::format("the picture cannot be decoded: " + e.err);
  }
  if (picture.empty() && header->format == "gif")
    throw Error::unsupported("this OpenCV cannot read GIF pictures");
  if (picture.empty()) throw Error::format("the picture is damaged (" + std::string(header->format) + ")");
  if (header->format == "jpeg" && jpeg_is_cut_off(*file))
    log_warning(path + ": the file is cut off; what could be read of the picture is used");
  return picture;
}

bool looks_like_image(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> start(kHeaderBytes);
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  return probe_image(reinterpret_cast<const std::uint8_t*>(start.data()),
                     static_cast<std::size_t>(in.gcount()))
      .has_value();
}

void write_image(const std::string& path, const cv::Mat& bgr) {
  silence_opencv();
  std::vector<std::uint8_t> bytes;
  const std::string extension = std::filesystem::path(path).extension().string();
  bool written = false;
  try {
    written = cv::imencode(extension, bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality});
  } catch (const cv::Exception& e) {
    throw Error::unsupported("cannot write a picture of " + std::to_string(bgr.cols) + "x" +
                             std::to_string(bgr.rows) + " as '" + extension + "': " + e.err);
  }
  if (!written) throw Error::unsupported("cannot write a picture as '" + extension + "'");
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace pose
