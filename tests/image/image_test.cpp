#include "pose/image.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

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

std::vector<std::uint8_t> encoded(const cv::Mat& picture, const std::string& ending) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(ending, picture, bytes));
  return bytes;
}

ErrorKind decode_kind(const std::vector<std::uint8_t>& bytes, std::int64_t max_pixels = kDefaultMaxPixels) {
  try {
    decode_image(bytes, max_pixels);
  } catch (const Error& e) {
    return e.kind();
  }
  ADD_FAILURE() << "was read";
  return ErrorKind::kInternal;
}

TEST(DecodeImage, ReadsBytesAndWarnsOfWhatIsMissing) {
  const std::vector<std::uint8_t> png = encoded(sample(), ".png");
  const DecodedImage whole = decode_image(png);
  EXPECT_EQ(cv::norm(whole.bgr, sample(), cv::NORM_INF), 0);
  EXPECT_EQ(whole.warning, "");
  std::vector<std::uint8_t> jpeg = encoded(sample(), ".jpg");
  EXPECT_EQ(decode_image(jpeg).warning, "");
  jpeg.insert(jpeg.end(), {1, 2, 3});
  EXPECT_EQ(decode_image(jpeg).warning, "") << "bytes behind the end are common";
  jpeg.resize(jpeg.size() - 3 - 20);
  const DecodedImage cut = decode_image(jpeg);
  EXPECT_EQ(cut.bgr.size(), sample().size());
  EXPECT_NE(cut.warning.find("cut off"), std::string::npos);
}

TEST(DecodeImage, RefusesInWords) {
  EXPECT_EQ(decode_kind({}), ErrorKind::kFormat);
  EXPECT_EQ(decode_kind({'h', 'e', 'l', 'l', 'o'}), ErrorKind::kFormat);
  EXPECT_EQ(decode_kind(encoded(sample(), ".png"), 60 * 40 - 1), ErrorKind::kUnsupported);
  EXPECT_EQ(decode_kind(encoded(sample(), ".png"), 0), ErrorKind::kUsage);
  const std::string wide = "P5 1048577 1 255\n";
  EXPECT_EQ(decode_kind({wide.begin(), wide.end()}), ErrorKind::kUnsupported);
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

TEST(WriteImage, AnUnknownEndingIsRefused) {
  const test::TempFolder folder;
  EXPECT_THROW(write_image(folder / "a.xyz", sample()), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(WriteImage, SidesThatAFormatCannotHoldAreRefusedInWords) {
  const test::TempFolder folder;
  const std::pair<const char*, int> cases[] = {{"a.jpg", 65500}, {"a.JPEG", 65500}, {"a.webp", 16383}};
  for (const auto& [name, side] : cases) {
    write_image(folder / name, cv::Mat(1, side, CV_8UC3, cv::Scalar(1, 2, 3)));
    EXPECT_EQ(read_image(folder / name).cols, side);
    std::filesystem::remove(folder / name);
    for (const cv::Size size : {cv::Size(side + 1, 1), cv::Size(1, side + 1)}) {
      try {
        write_image(folder / name, cv::Mat(size, CV_8UC3, cv::Scalar(1, 2, 3)));
        ADD_FAILURE() << name << " was written";
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::kUnsupported);
        EXPECT_NE(std::string(e.what()).find(std::to_string(side)), std::string::npos) << e.what();
      }
    }
  }
  write_image(folder / "a.png", cv::Mat(1, 70'000, CV_8UC3, cv::Scalar(1, 2, 3)));
  EXPECT_EQ(read_image(folder / "a.png").cols, 70'000);
}

TEST(WriteImage, APictureWithoutPixelsIsAUsageError) {
  const test::TempFolder folder;
  try {
    write_image(folder / "a.png", cv::Mat());
    ADD_FAILURE() << "was written";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(LooksLikeImage, ByTheFirstBytesOfRegularFilesOnly) {
  const test::TempFolder folder;
  write_image(folder / "a.png", sample());
  std::filesystem::rename(folder / "a.png", folder / "a.txt");
  test::write_text(folder / "empty.png", "");
  EXPECT_TRUE(looks_like_image(folder / "a.txt"));
  EXPECT_FALSE(looks_like_image(folder / "empty.png"));
  EXPECT_FALSE(looks_like_image(folder / "missing.png"));
  EXPECT_FALSE(looks_like_image(folder.path()));
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
    {"animated.gif", Fate::kUpright},
    {"animated.webp", Fate::kUpright},
    {"truncated.png", Fate::kReads},
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

/// What people have. Each is the same photo as the reference, but for what its kind cannot hold.
TEST(ReadImage, PicturesFromPhonesScannersAndTheWeb) {
  const std::string folder = test::shared_path("field_inputs");
  if (folder.empty()) GTEST_SKIP() << "the collection of pictures from the field is not here";
  const cv::Mat reference = read_image(folder + "/upright_reference.jpg");
  const std::set<std::string> damaged{
      "bad_text_crc.png", "cut_60_percent.jpg",           "cut_last_rows.png",
      "no_iend.png",      "phone_with_thumbnail_cut.jpg", "progressive_cut.jpg"};
  // Half-tones or shades that are not those of the reference.
  const std::set<std::string> other{"fax_g4.tif", "gray12_in_16.png", "palette4.tif"};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!looks_like_image(entry.path().string())) continue;
    SCOPED_TRACE(name);
    const std::string text = test::read_text(entry.path().string());
    DecodedImage image;
    try {
      image = decode_image({text.begin(), text.end()});
    } catch (const Error& error) {  // of a codec that is not here
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported) << error.what();
      EXPECT_NE(std::string(error.what()).find("lib"), std::string::npos) << error.what();
      continue;
    }
    EXPECT_EQ(image.warning.empty(), damaged.count(name) == 0) << image.warning;
    if (other.count(name)) continue;
    cv::Mat grey, expected;
    cv::resize(reference, expected, image.bgr.size(), 0, 0, cv::INTER_AREA);
    cv::cvtColor(image.bgr, grey, cv::COLOR_BGR2GRAY);
    cv::cvtColor(expected, expected, cv::COLOR_BGR2GRAY);
    const cv::Rect upper(0, 0, grey.cols, grey.rows / 3);  // of those that are cut off the rest is missing
    EXPECT_LT(cv::norm(grey(upper), expected(upper), cv::NORM_L1) / static_cast<double>(upper.area()), 12);
  }
}

}  // namespace
}  // namespace pose
