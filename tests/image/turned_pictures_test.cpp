// Every format that can say how a picture lies: it counts, once.

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "image/orientation.h"
#include "image/picture_files.h"
#include "support/files.h"

namespace pose {
namespace {

using test::corner;
using test::decode;
using test::encoded;
using test::is_corner;
using test::with_chunk;
using test::with_webp_chunk;

/// The corner stored so that `orientation` brings it upright, by the words of the EXIF standard.
cv::Mat stored(int orientation) {
  const cv::Mat upright = corner();
  cv::Mat out(orientation < 5 ? upright.size() : cv::Size(upright.rows, upright.cols), CV_8UC3);
  for (int row = 0; row < out.rows; ++row)
    for (int column = 0; column < out.cols; ++column) {
      // Which visual side the 0th row and the 0th column are.
      int x = 0, y = 0;
      switch (orientation) {
        case 1: y = row, x = column; break;                                        // top, left
        case 2: y = row, x = upright.cols - 1 - column; break;                     // top, right
        case 3: y = upright.rows - 1 - row, x = upright.cols - 1 - column; break;  // bottom, right
        case 4: y = upright.rows - 1 - row, x = column; break;                     // bottom, left
        case 5: x = row, y = column; break;                                        // left, top
        case 6: x = upright.cols - 1 - row, y = column; break;                     // right, top
        case 7: x = upright.cols - 1 - row, y = upright.rows - 1 - column; break;  // right, bottom
        case 8: x = row, y = upright.rows - 1 - column; break;                     // left, bottom
      }
      out.at<cv::Vec3b>(row, column) = upright.at<cv::Vec3b>(y, x);
    }
  return out;
}

std::string xmp_chunk(const std::string& orientation) {
  return test::raw("XML:com.adobe.xmp\0\0\0\0\0") + "<x:xmpmeta><rdf:Description " + orientation + "/>";
}

class Turned : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(EightWays, Turned, testing::Range(1, 9));

TEST_P(Turned, Jpeg) {
  const std::string jpeg = encoded(".jpg", stored(GetParam()));
  const std::string exif = test::raw("Exif\0\0") + test::exif_block(GetParam());
  EXPECT_TRUE(is_corner(
      decode(jpeg.substr(0, 2) + "\xFF\xE1" + test::number(exif.size() + 2, 2, false) + exif + jpeg.substr(2))
          .bgr));
}

TEST_P(Turned, PngByExifOrElseByXmp) {
  const std::string png = encoded(".png", stored(GetParam()));
  const std::string digit = std::to_string(GetParam());
  EXPECT_TRUE(is_corner(test::decode(with_chunk(png, "eXIf", test::exif_block(GetParam()))).bgr));
  const std::string xmp = with_chunk(png, "iTXt", xmp_chunk("tiff:Orientation=\"" + digit + "\""));
  EXPECT_TRUE(is_corner(test::decode(xmp).bgr));
  EXPECT_TRUE(is_corner(
      test::decode(with_chunk(png, "iTXt", xmp_chunk("<tiff:Orientation>" + digit + "</tiff:Orientation>")))
          .bgr));
  const std::string other = with_chunk(png, "iTXt", xmp_chunk("tiff:Orientation='3'"));
  EXPECT_TRUE(is_corner(test::decode(with_chunk(other, "eXIf", test::exif_block(GetParam()))).bgr));
  EXPECT_EQ(test::decode(xmp).warning, "");
}

TEST_P(Turned, WebpByExifOrElseByXmp) {
  const cv::Mat lying = stored(GetParam());
  std::string webp = encoded(".webp", lying);
  std::string exif = with_webp_chunk(webp, "EXIF", test::exif_block(GetParam()));
  std::string xmp = with_webp_chunk(webp, "XMP ", "tiff:Orientation=\"" + std::to_string(GetParam()) + "\"");
  if (lying.cols < lying.rows)
    for (std::string* file : {&exif, &xmp}) file->replace(24, 6, test::raw("\x1F\0\0\x2F\0\0"));
  EXPECT_TRUE(is_corner(test::decode(exif).bgr));
  EXPECT_TRUE(is_corner(test::decode(xmp).bgr));
}

TEST_P(Turned, Tiff) {
  cv::Mat lying = stored(GetParam());
  test::TiffFile file;
  file.width = lying.cols, file.height = lying.rows;
  for (int i = 0; i < lying.cols * lying.rows; ++i) {
    const auto pixel = lying.at<cv::Vec3b>(i / lying.cols, i % lying.cols);
    for (const int c : {2, 1, 0})
      (file.strips.empty() ? file.strips.emplace_back() : file.strips[0]) += static_cast<char>(pixel[c]);
  }
  file.tags = {
      {258, {8, 8, 8}}, {259, {1}}, {262, {2}}, {277, {3}}, {274, {static_cast<std::uint32_t>(GetParam())}}};
  EXPECT_TRUE(is_corner(test::decode(file.bytes()).bgr));
}

TEST(Turned, HeicAndAvifOnceHoweverTheySayIt) {
  for (const char* name : {"exif6.heic", "irot_and_exif6.heic", "irot.avif"}) {
    const std::string bytes = test::read_text(test::data_path(std::string("pictures/") + name));
    try {
      EXPECT_TRUE(is_corner(test::decode(bytes).bgr)) << name;
      EXPECT_EQ(test::refusal(bytes, 48 * 32 - 1).kind(), ErrorKind::kUnsupported);
      EXPECT_EQ(test::refusal(bytes.substr(0, bytes.size() / 2)).kind(), ErrorKind::kFormat);
      std::string damaged = bytes;
      for (std::size_t i = bytes.size() - 60; i < bytes.size() - 30; ++i) damaged[i] ^= 0x55;
      try {
        test::decode(damaged);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kFormat) << error.what();
      }
    } catch (const Error& error) {  // a build or a system without that codec
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported) << error.what();
      EXPECT_NE(std::string(error.what()).find("libheif-plugin"), std::string::npos) << error.what();
    }
  }
}

TEST(Orientation, OfWhatCannotBeUnderstoodIsUpright) {
  const auto exif = [](const std::string& block) {
    return exif_orientation({reinterpret_cast<const std::uint8_t*>(block.data()), block.size()});
  };
  EXPECT_EQ(exif(test::exif_block(6)), 6);
  EXPECT_EQ(exif(test::raw("Exif\0\0") + test::exif_block(6)), 6);
  EXPECT_EQ(exif(test::raw("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x08\0\0")), 8);
  EXPECT_EQ(exif(test::exif_block(9)), 1);
  EXPECT_EQ(exif(test::exif_block(0)), 1);
  EXPECT_EQ(exif(test::raw("II*\0\xFF\xFF\xFF\xFF")), 1);
  EXPECT_EQ(exif(test::raw("II*\0\x08\0\0\0\xFF\xFF\1\1")), 1);
  EXPECT_EQ(exif("JJ*" + test::exif_block(6).substr(3)), 1);
  EXPECT_EQ(exif(""), 1);
  EXPECT_EQ(xmp_orientation("tiff:Orientation=\"6\""), 6);
  for (const char* none : {"", "tiff:Orientation", "tiff:Orientation=\"", "tiff:Orientation=\"62\"",
                           "tiff:Orientation=\"9\"", "tiff:Orientation=\"x\""})
    EXPECT_EQ(xmp_orientation(none), 1) << none;
}

}  // namespace
}  // namespace pose
