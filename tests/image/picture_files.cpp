#include "image/picture_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

namespace pose::test {

cv::Mat corner() {
  cv::Mat picture(32, 48, CV_8UC3, cv::Scalar(255, 0, 0));
  picture(cv::Rect(0, 0, 24, 16)).setTo(cv::Scalar(0, 0, 255));
  return picture;
}

std::string encoded(const std::string& ending, const cv::Mat& picture) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(ending, picture, bytes)) << ending;
  return std::string(bytes.begin(), bytes.end());
}

std::string number(std::uint64_t value, int count, bool little) {
  std::string bytes;
  for (int k = 0; k < count; ++k) bytes += static_cast<char>(value >> 8 * (little ? k : count - 1 - k) & 255);
  return bytes;
}

std::string exif_block(int orientation) {
  return raw("II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0") + static_cast<char>(orientation) +
         raw("\0\0\0\0\0\0\0");
}

std::string with_chunk(const std::string& png, const std::string& name, const std::string& content) {
  constexpr std::size_t kHeader = 33;
  const std::string body = name + content;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return png.substr(0, kHeader) + number(content.size(), 4, false) + body + number(sum, 4, false) +
         png.substr(kHeader);
}

std::string with_webp_chunk(const std::string& webp, const std::string& name, const std::string& content) {
  const std::string pixels = webp.substr(webp.find("VP8"));
  const std::string sides = number(47, 3, true) + number(31, 3, true);
  std::string body = "WEBPVP8X" + number(10, 4, true) + (name == "EXIF" ? '\x08' : '\x04') + raw("\0\0\0") +
                     sides + pixels + name + number(content.size(), 4, true) + content;
  if (content.size() % 2) body += '\0';
  return "RIFF" + number(body.size(), 4, true) + body;
}

std::string TiffFile::bytes(bool little, bool big_tiff) const {
  const int word = big_tiff ? 8 : 4;
  std::string file = little ? "II" : "MM";
  file += number(big_tiff ? 43 : 42, 2, little);
  if (big_tiff) file += number(8, 2, little) + number(0, 2, little);
  const auto place = [&](const std::string& content) {  // where it lies
    file += std::string(file.size() % 2, '\0');
    const auto at = static_cast<std::uint32_t>(file.size());
    file += content;
    return at;
  };
  file += std::string(static_cast<std::size_t>(word), '\0');
  const std::size_t pointer = file.size() - static_cast<std::size_t>(word);
  auto all = tags;
  std::vector<std::uint32_t> offsets, sizes;
  for (const std::string& strip : strips) {
    offsets.push_back(place(strip));
    sizes.push_back(static_cast<std::uint32_t>(strip.size()));
  }
  const bool tiled = std::any_of(tags.begin(), tags.end(), [](const auto& tag) { return tag.first == 322; });
  all.push_back({256, {static_cast<std::uint32_t>(width)}});
  all.push_back({257, {static_cast<std::uint32_t>(height)}});
  all.push_back({tiled ? 324 : 273, offsets});
  all.push_back({tiled ? 325 : 279, sizes});
  if (!tiled) all.push_back({278, {static_cast<std::uint32_t>(height)}});
  std::sort(all.begin(), all.end());
  std::string directory = number(all.size(), big_tiff ? 8 : 2, little);
  for (const auto& [tag, values] : all) {
    const bool wide = tag == 324 || tag == 325 || tag == 273 || tag == 279 || tag == 330;
    std::string content;
    for (const std::uint32_t value : values) content += number(value, wide ? 4 : 2, little);
    if (content.size() > static_cast<std::size_t>(word)) content = number(place(content), word, little);
    content.resize(static_cast<std::size_t>(word));
    directory += number(static_cast<std::uint64_t>(tag), 2, little) + number(wide ? 4 : 3, 2, little) +
                 number(values.size(), word, little) + content;
  }
  directory += std::string(static_cast<std::size_t>(word), '\0');
  const std::uint32_t at = place(directory);
  file.replace(pointer, static_cast<std::size_t>(word), number(at, word, little));
  return file;
}

DecodedImage decode(const std::string& bytes, std::int64_t max_pixels) {
  return decode_image({bytes.begin(), bytes.end()}, max_pixels);
}

Error refusal(const std::string& bytes, std::int64_t max_pixels) {
  try {
    decode(bytes, max_pixels);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "was read";
  return Error::internal("");
}

bool is_corner(const cv::Mat& picture) {
  if (picture.size() != cv::Size(48, 32) || picture.type() != CV_8UC3) return false;
  const auto near = [&](int x, int y, const cv::Vec3b& colour) {
    return cv::norm(picture.at<cv::Vec3b>(y, x), colour, cv::NORM_INF) < 60;
  };
  const cv::Vec3b red(0, 0, 255), blue(255, 0, 0);
  return near(4, 4, red) && near(18, 10, red) && near(43, 4, blue) && near(4, 27, blue) && near(43, 27, blue);
}

}  // namespace pose::test
