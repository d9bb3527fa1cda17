#include "pose/image.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "image/image_header.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

ErrorKind kind_of(const std::string& path, std::int64_t max_pixels = kDefaultMaxPixels) {
  try {
    read_image(path, max_pixels);
  } catch (const Error& e) {
    EXPECT_GT(std::string(e.what()).size(), 10u);
    return e.kind();
  }
  ADD_FAILURE() << path << " was read";
  return ErrorKind::kInternal;
}

cv::Mat sample() {
  cv::Mat picture(40, 60, CV_8UC3, cv::Scalar(200, 180, 160));
  picture(cv::Rect(0, 0, 15, 10)).setTo(cv::Scalar(0, 0, 255));
  return picture;
}

TEST(ReadImage, ContentDecidesNotTheName) {
  const test::TempFolder folder;
  std::vector<std::uint8_t> png;
  cv::imencode(".png", sample(), png);
  test::write_text(folder / "wrong.jpg", std::string(png.begin(), png.end()));
  const cv::Mat read = read_image(folder / "wrong.jpg");
  EXPECT_EQ(cv::norm(read, sample(), cv::NORM_INF), 0);
}

TEST(ReadImage, WhatIsNoPictureSaysSo) {
  const test::TempFolder folder;
  test::write_text(folder / "empty.jpg", "");
  test::write_text(folder / "text.jpg", "hello, this is text");
  test::write_text(folder / "zeros.jpg", std::string(4096, '\0'));
  test::write_text(folder / "start.jpg", std::string("\xFF\xD8\xFF\xE0\x00\x10JFIF", 10));
  EXPECT_EQ(kind_of(folder / "empty.jpg"), ErrorKind::kFormat);
  EXPECT_EQ(kind_of(folder / "text.jpg"), ErrorKind::kFormat);
  EXPECT_EQ(kind_of(folder / "zeros.jpg"), ErrorKind::kFormat);
  EXPECT_EQ(kind_of(folder / "start.jpg"), ErrorKind::kFormat);
  EXPECT_EQ(kind_of(folder / "missing.jpg"), ErrorKind::kNotFound);
  EXPECT_EQ(kind_of(folder.path()), ErrorKind::kIo);
}

TEST(ReadImage, PixelsBeyondTheLimitAreRefusedByTheHeader) {
  const test::TempFolder folder;
  std::vector<std::uint8_t> png;
  cv::imencode(".png", sample(), png);
  png[16] = png[20] = 0;
  png[17] = png[21] = 0;
  png[18] = png[22] = 0xEA;  // 60000 x 60000
  png[19] = png[23] = 0x60;
  test::write_text(folder / "huge.png", std::string(png.begin(), png.end()));
  EXPECT_EQ(kind_of(folder / "huge.png"), ErrorKind::kUnsupported);
  write_image(folder / "small.png", sample());
  EXPECT_EQ(kind_of(folder / "small.png", 60 * 40 - 1), ErrorKind::kUnsupported);
  EXPECT_NO_THROW(read_image(folder / "small.png", 60 * 40));
}

TEST(ImageHeader, KnowsTheSizeOfEveryFormatBeforeDecoding) {
  for (const std::string ending : {".jpg", ".png", ".bmp", ".webp", ".tif", ".ppm"}) {
    std::vector<std::uint8_t> bytes;
    ASSERT_TRUE(cv::imencode(ending, sample(), bytes)) << ending;
    const auto header = probe_image(bytes.data(), bytes.size());
    ASSERT_TRUE(header) << ending;
    EXPECT_EQ(header->width, 60u) << ending;
    EXPECT_EQ(header->height, 40u) << ending;
    for (std::size_t size = 0; size < bytes.size() && size < 512; ++size) probe_image(bytes.data(), size);
  }
}

TEST(WriteImage, AnUnknownEndingIsRefused) {
  const test::TempFolder folder;
  EXPECT_THROW(write_image(folder / "a.xyz", sample()), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// What must become of each of the odd and broken files.
enum class Fate { kUpright, kReads, kFails };
const std::map<std::string, Fate> kFates{
    {"ok_baseline.jpg", Fate::kUpright},
    {"truncated_half.jpg", Fate::kReads},
    {"truncated_header.jpg", Fate::kFails},
    {"garbage_in_the_middle.jpg", Fate::kReads},
    {"empty.jpg", Fate::kFails},
    {"text.jpg", Fate::kFails},
    {"html.png", Fate::kFails},
    {"zeros.jpg", Fate::kFails},
    {"claims_60000x60000.png", Fate::kFails},
    {"claims_zero_width.png", Fate::kFails},
    {"bad_ihdr_crc.png", Fate::kFails},
    {"one_pixel.png", Fate::kReads},
    {"tall_1x5000.png", Fate::kReads},
    {"wide_5000x1.png", Fate::kReads},
    {"gray.jpg", Fate::kReads},
    {"gray16.png", Fate::kReads},
    {"rgb16.png", Fate::kUpright},
    {"rgba.png", Fate::kUpright},
    {"palette.png", Fate::kUpright},
    {"one_bit.png", Fate::kReads},
    {"cmyk.jpg", Fate::kUpright},
    {"progressive.jpg", Fate::kUpright},
    {"subsampling_420.jpg", Fate::kUpright},
    {"still.webp", Fate::kUpright},
    {"plain.bmp", Fate::kUpright},
    {"plain.tif", Fate::kUpright},
    {"png_named.jpg", Fate::kUpright},
    {"jpeg_named.png", Fate::kUpright},
    {"upper.JPG", Fate::kUpright},
    {"no_extension", Fate::kUpright},
    {"exif_1.jpg", Fate::kUpright},
    {"exif_2.jpg", Fate::kUpright},
    {"exif_3.jpg", Fate::kUpright},
    {"exif_4.jpg", Fate::kUpright},
    {"exif_5.jpg", Fate::kUpright},
    {"exif_6.jpg", Fate::kUpright},
    {"exif_7.jpg", Fate::kUpright},
    {"exif_8.jpg", Fate::kUpright},
    {"exif_invalid_77.jpg", Fate::kUpright},
    {"exif_bad_offset.jpg", Fate::kUpright},
    {".hidden.jpg", Fate::kUpright},
};

TEST(ReadImage, OddAndBrokenFiles) {
  const std::string folder = test::shared_path("bad_images");
  if (folder.empty()) GTEST_SKIP() << "the collection of broken pictures is not here";
  for (const auto& [name, fate] : kFates) {
    SCOPED_TRACE(name);
    const std::string path = folder + "/" + name;
    if (fate == Fate::kFails) {
      kind_of(path);
      continue;
    }
    cv::Mat picture;
    ASSERT_NO_THROW(picture = read_image(path));
    EXPECT_EQ(picture.type(), CV_8UC3);
    if (fate != Fate::kUpright) continue;
    ASSERT_EQ(picture.cols, 240);
    ASSERT_EQ(picture.rows, 160);
    const cv::Vec3b corner = picture.at<cv::Vec3b>(8, 8);
    EXPECT_TRUE(corner[2] > 150 && corner[0] < 100 && corner[1] < 100) << "the top left corner is not red";
  }
}

}  // namespace
}  // namespace pose
