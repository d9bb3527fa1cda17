// TIFF files of the kinds that scanners, microscopes and printers write, each made by its tags.

#include <gtest/gtest.h>

#include <cstring>
#include <opencv2/core.hpp>

#include "image/picture_files.h"

namespace pose {
namespace {

using test::decode;
using test::number;
using test::raw;
using test::refusal;
using test::TiffFile;

using Tags = std::vector<std::pair<int, std::vector<std::uint32_t>>>;

constexpr int kBits = 258, kPhotometric = 262, kSamples = 277, kPlanar = 284, kExtra = 338, kFormat = 339;

/// A row of pixels.
std::string row_file(const Tags& tags, int width, const std::vector<std::string>& strips, bool little = true,
                     bool big_tiff = false) {
  TiffFile file;
  file.tags = tags;
  file.tags.push_back({259, {1}});
  file.width = width, file.height = 1;
  file.strips = strips;
  return file.bytes(little, big_tiff);
}

cv::Vec3b pixel(const std::string& file, int x) { return decode(file).bgr.at<cv::Vec3b>(0, x); }

int grey(const std::string& file, int x) {
  const cv::Vec3b value = pixel(file, x);
  EXPECT_EQ(value[0], value[1]);
  EXPECT_EQ(value[0], value[2]);
  return value[0];
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

TEST(Tiff, BothByteOrdersAndBigTiff) {
  for (const bool little : {true, false})
    for (const bool big : {false, true}) {
      const std::string file = row_file(
          {{kBits, {16}}, {kPhotometric, {1}}, {kSamples, {1}}}, 3,
          {number(0, 2, little) + number(0x8080, 2, little) + number(65535, 2, little)}, little, big);
      EXPECT_EQ(grey(file, 0), 0);
      EXPECT_EQ(grey(file, 1), 128);
      EXPECT_EQ(grey(file, 2), 255);
    }
}

TEST(Tiff, SignedSamplesKeepTheirBrightness) {
  const auto file = [](const std::vector<int>& values) {
    std::string samples;
    for (const int value : values) samples += number(static_cast<std::uint16_t>(value), 2, true);
    return row_file({{kBits, {16}}, {kPhotometric, {1}}, {kSamples, {1}}, {kFormat, {2}}},
                    static_cast<int>(values.size()), {samples});
  };
  EXPECT_EQ(grey(file({0, 16384, 32767}), 1), 128) << "half of what is positive";
  EXPECT_EQ(grey(file({0, 16384, 32767}), 2), 255);
  EXPECT_EQ(grey(file({-32768, 0, 32767}), 0), 0);
  EXPECT_EQ(grey(file({-32768, 0, 32767}), 1), 128);
}

TEST(Tiff, FloatsAreScaledByWhatTheyHold) {
  const auto file = [](const std::vector<float>& values) {
    return row_file({{kBits, {32}}, {kPhotometric, {1}}, {kSamples, {1}}, {kFormat, {3}}},
                    static_cast<int>(values.size()), {floats(values)});
  };
  EXPECT_EQ(grey(file({0, 0.5f, 1}), 1), 128);
  EXPECT_EQ(grey(file({0, 0.5f, 1.5f}), 2), 255) << "overexposed";
  EXPECT_EQ(grey(file({0, 0.5f, 1.5f}), 1), 128);
  EXPECT_EQ(grey(file({0, 100, 255}), 1), 100);
  EXPECT_EQ(grey(file({0, 257, 65535}), 1), 1);
  EXPECT_EQ(grey(file({-1, 0, 1}), 1), 128);
  EXPECT_EQ(grey(file({0, 50000, 100000}), 1), 128);
  EXPECT_EQ(grey(file({0, std::nanf(""), 1}), 1), 0);
}

TEST(Tiff, HalfFloatsDoublesAndLongNumbers) {
  const std::string half = row_file({{kBits, {16}}, {kPhotometric, {1}}, {kSamples, {1}}, {kFormat, {3}}}, 3,
                                    {raw("\0\x38\0\x3C\0\x34")});  // 0.5, 1, 0.25
  EXPECT_EQ(grey(half, 0), 128);
  EXPECT_EQ(grey(half, 2), 64);
  const double values[] = {1, 0.5};
  const std::string wide = row_file({{kBits, {64}}, {kPhotometric, {1}}, {kSamples, {1}}, {kFormat, {3}}}, 2,
                                    {{reinterpret_cast<const char*>(values), sizeof values}});
  EXPECT_EQ(grey(wide, 1), 128);
  const std::string whole = row_file({{kBits, {32}}, {kPhotometric, {1}}, {kSamples, {1}}}, 2,
                                     {number(200, 4, true) + number(70, 4, true)});
  EXPECT_EQ(grey(whole, 1), 70);
}

TEST(Tiff, FewAndOddBits) {
  EXPECT_EQ(grey(row_file({{kBits, {1}}, {kPhotometric, {0}}, {kSamples, {1}}}, 2, {"\x40"}), 0), 255);
  EXPECT_EQ(grey(row_file({{kBits, {1}}, {kPhotometric, {0}}, {kSamples, {1}}}, 2, {"\x40"}), 1), 0);
  EXPECT_EQ(grey(row_file({{kBits, {4}}, {kPhotometric, {1}}, {kSamples, {1}}}, 2, {"\x5F"}), 0), 85);
  EXPECT_EQ(grey(row_file({{kBits, {12}}, {kPhotometric, {1}}, {kSamples, {1}}}, 2, {raw("\xFF\xF8\0")}), 1),
            128);
}

TEST(Tiff, PlanesOf16Bits) {
  const std::string file =
      row_file({{kBits, {16, 16, 16}}, {kPhotometric, {2}}, {kSamples, {3}}, {kPlanar, {2}}}, 2,
               {raw("\0\x10\0\x20"), raw("\0\x30\0\x40"), raw("\0\x50\0\x60")});
  EXPECT_EQ(pixel(file, 0), cv::Vec3b(0x50, 0x30, 0x10));
  EXPECT_EQ(pixel(file, 1), cv::Vec3b(0x60, 0x40, 0x20));
}

TEST(Tiff, TilesOfWhichTheEdgeIsOutside) {
  TiffFile file;
  file.width = 18, file.height = 17;
  file.tags = {{kBits, {8}}, {259, {1}}, {kPhotometric, {1}}, {kSamples, {1}}, {322, {16}}, {323, {16}}};
  for (const char shade : {'\x10', '\x20', '\x30', '\x40'}) file.strips.push_back(std::string(256, shade));
  const cv::Mat picture = decode(file.bytes()).bgr;
  EXPECT_EQ(picture.at<cv::Vec3b>(15, 15)[0], 0x10);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 17)[0], 0x20);
  EXPECT_EQ(picture.at<cv::Vec3b>(16, 0)[0], 0x30);
  EXPECT_EQ(picture.at<cv::Vec3b>(16, 17)[0], 0x40);
  for (auto& tag : file.tags)
    if (tag.first >= 322) tag.second = {65520};
  EXPECT_EQ(refusal(file.bytes()).kind(), ErrorKind::kUnsupported) << "tiles beyond the limit of pixels";
}

TEST(Tiff, Cmyk) {
  const Tags tags{{kBits, {8, 8, 8, 8}}, {kPhotometric, {5}}, {kSamples, {4}}};
  const std::string file = row_file(tags, 2, {raw("\0\xFF\xFF\0\xFF\0\0\x80")});
  EXPECT_EQ(pixel(file, 0), cv::Vec3b(0, 0, 255));
  EXPECT_EQ(pixel(file, 1), cv::Vec3b(127, 127, 0));
}

TEST(Tiff, AlphaOnWhite) {
  const auto file = [](std::uint32_t kind, const std::string& pixels) {
    return row_file({{kBits, {8, 8, 8, 8}}, {kPhotometric, {2}}, {kSamples, {4}}, {kExtra, {kind}}}, 2,
                    {pixels});
  };
  const std::string half = raw("\x64\x32\0\x66\1\2\3\xFF");
  EXPECT_EQ(pixel(file(2, half), 0), cv::Vec3b(153, 173, 193));
  EXPECT_EQ(pixel(file(1, half), 0), cv::Vec3b(153, 203, 253)) << "alpha is a factor in it already";
  EXPECT_EQ(pixel(file(0, half), 0), cv::Vec3b(0, 50, 100)) << "some other sample";
  EXPECT_EQ(pixel(file(2, raw("\1\2\3\0\4\5\6\0")), 1), cv::Vec3b(6, 5, 4)) << "alpha that nobody has set";
  EXPECT_EQ(pixel(file(1, raw("\1\2\3\0\4\5\6\0")), 1), cv::Vec3b(6, 5, 4));
  const std::string grey_alpha = row_file(
      {{kBits, {8, 8}}, {kPhotometric, {0}}, {kSamples, {2}}, {kExtra, {2}}}, 2, {raw("\x0A\xFF\x0A\0")});
  EXPECT_EQ(grey(grey_alpha, 0), 245);
  EXPECT_EQ(grey(grey_alpha, 1), 255);
}

TEST(Tiff, Palettes) {
  const auto file = [](std::uint32_t unit) {
    std::vector<std::uint32_t> map(48);
    for (std::uint32_t i = 0; i < 48; ++i) map[i] = i * unit;
    return row_file({{kBits, {4}}, {kPhotometric, {3}}, {kSamples, {1}}, {320, map}}, 2, {"\x3F"});
  };
  EXPECT_EQ(pixel(file(256), 0), cv::Vec3b(35, 19, 3));
  EXPECT_EQ(pixel(file(256), 1), cv::Vec3b(47, 31, 15));
  EXPECT_EQ(pixel(file(1), 0), cv::Vec3b(35, 19, 3)) << "entries of old programs have 8 bits";
}

TEST(Tiff, ThumbnailsRawFilesAndOddKinds) {
  const Tags plain{{kBits, {8}}, {kPhotometric, {1}}, {kSamples, {1}}};
  Tags thumbnail = plain;
  thumbnail.push_back({254, {1}});
  EXPECT_EQ(grey(row_file(thumbnail, 1, {"\x11"}), 0), 0x11) << "it is all there is";
  Tags raw_file = thumbnail;
  raw_file.push_back({330, {8}});
  EXPECT_NE(std::string(refusal(row_file(raw_file, 1, {"\x11"})).what()).find("raw file"), std::string::npos);
  const Tags mosaic{{kBits, {8}}, {kPhotometric, {32803}}, {kSamples, {1}}};
  EXPECT_NE(std::string(refusal(row_file(mosaic, 1, {"\x11"})).what()).find("raw file"), std::string::npos);
  const Tags complex{{kBits, {32}}, {kPhotometric, {1}}, {kSamples, {1}}, {kFormat, {5}}};
  EXPECT_EQ(refusal(row_file(complex, 1, {"abcd"})).kind(), ErrorKind::kUnsupported);
  const Tags odd{{kBits, {8}}, {kPhotometric, {2}}, {kSamples, {1}}};
  EXPECT_EQ(refusal(row_file(odd, 1, {"a"})).kind(), ErrorKind::kFormat) << "fewer samples than colours";
}

TEST(Tiff, WhatIsThereOfACutOneIsUsed) {
  TiffFile file;
  file.width = 64, file.height = 64;
  file.tags = {{kBits, {8}}, {259, {1}}, {kPhotometric, {1}}, {kSamples, {1}}, {322, {64}}, {323, {16}}};
  for (int k = 0; k < 4; ++k) file.strips.push_back(std::string(64 * 16, static_cast<char>(50 + k)));
  std::string bytes = file.bytes();
  // The last tile is said to lie behind the end.
  const std::string offset = number(8 + 3 * 64 * 16, 4, true);
  bytes.replace(bytes.rfind(offset), 4, number(1 << 30, 4, true));
  const DecodedImage cut = decode(bytes);
  EXPECT_NE(cut.warning.find("48 of 64 rows"), std::string::npos) << cut.warning;
  EXPECT_EQ(cut.bgr.at<cv::Vec3b>(47, 0)[0], 52);

  // It begins 100 bytes before the end.
  bytes = file.bytes();
  bytes.replace(bytes.rfind(offset), 4, number(bytes.size() - 100, 4, true));
  EXPECT_NE(decode(bytes).warning.find("cut off"), std::string::npos);
  EXPECT_EQ(decode(file.bytes()).warning, "");
}

}  // namespace
}  // namespace pose
