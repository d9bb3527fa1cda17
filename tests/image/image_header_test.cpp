// Headers made by hand: every field of every format has bytes that no other place has.

#include "image/image_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pose {
namespace {

/// A literal with all its bytes, zeros too.
template <std::size_t N>
std::string raw(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

std::optional<ImageHeader> probe(const std::string& bytes) {
  return probe_image(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void expect_sides(const std::string& bytes, std::string_view format, std::uint64_t width,
                  std::uint64_t height) {
  const auto header = probe(bytes);
  ASSERT_TRUE(header) << format;
  EXPECT_EQ(header->format, format);
  EXPECT_EQ(header->width, width) << format;
  EXPECT_EQ(header->height, height) << format;
}

TEST(ImageHeader, Png) {
  const std::string png = raw("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\1\2\3\4\5\6\7\x08");
  expect_sides(png + raw("\x10\2\0\0\0"), "png", 0x01020304, 0x05060708);
  expect_sides(png.substr(0, 20), "png", 0x01020304, 0);
  EXPECT_FALSE(probe(png.substr(0, 7)));
}

TEST(ImageHeader, Gif) {
  expect_sides(raw("GIF87a\1\2\3\4\x7f"), "gif", 0x0201, 0x0403);
  expect_sides(raw("GIF89a\1\2\3\4\x7f"), "gif", 0x0201, 0x0403);
  EXPECT_FALSE(probe(raw("GIF88a\1\2\3\4")));
}

TEST(ImageHeader, BmpOfBothHeadersAndDirections) {
  const std::string file = "BM" + std::string(12, '\x55');
  expect_sides(file + raw("\x0C\0\0\0\1\2\3\4\x66\x66\x66\x66"), "bmp", 0x0201, 0x0403);
  expect_sides(file + raw("\x28\0\0\0\1\2\3\4\5\6\7\x08\x66"), "bmp", 0x04030201, 0x08070605);
  expect_sides(file + raw("\x28\0\0\0\1\2\3\4\xFE\xFF\xFF\xFF\x66"), "bmp", 0x04030201, 2);
  expect_sides(file + raw("\x28\0\0\0\1\0\0\0\0\0\0\x80\x66"), "bmp", 1, std::uint64_t{1} << 31);
}

TEST(ImageHeader, Webp) {
  const std::string riff = raw("RIFF\x11\x22\x33\x44WEBP");
  // Sides have 14 bits; what stands above them are scales.
  expect_sides(riff + "VP8 " + std::string(10, '\x55') + raw("\x01\xC2\x03\x84"), "webp", 0x0201, 0x0403);
  // One below the sides, 14 bits each: 0x1234 and 0x2345, then a flag.
  const std::uint32_t bits = 0x1234u | 0x2345u << 14 | 1u << 28;
  std::string lossless = riff + "VP8L" + std::string(4, '\x55') + "\x2F";
  for (int k = 0; k < 4; ++k) lossless += static_cast<char>(bits >> 8 * k & 255);
  expect_sides(lossless, "webp", 0x1235, 0x2346);
  expect_sides(riff + "VP8X" + std::string(8, '\x55') + raw("\1\2\3\4\5\6\x77"), "webp", 0x030202, 0x060505);
  expect_sides(riff + "ALPH" + std::string(20, '\x55'), "webp", 0, 0);
  EXPECT_FALSE(probe(raw("RIFF\x11\x22\x33\x44WAVEVP8 ") + std::string(20, '\x55')));
  EXPECT_FALSE(probe(raw("RIFX\x11\x22\x33\x44WEBPVP8 ") + std::string(20, '\x55')));
}

/// A number of `count` bytes in the given order.
std::string number(std::uint32_t value, int count, bool little) {
  std::string bytes;
  for (int k = 0; k < count; ++k) bytes += static_cast<char>(value >> 8 * (little ? k : count - 1 - k) & 255);
  return bytes;
}

std::string tiff_entry(std::uint32_t tag, bool wide, std::uint32_t value, bool little) {
  return number(tag, 2, little) + number(wide ? 4 : 3, 2, little) + number(1, 4, little) +
         (wide ? number(value, 4, little) : number(value, 2, little) + std::string(2, '\x55'));
}

TEST(ImageHeader, TiffInBothByteOrders) {
  for (const bool little : {true, false}) {
    const std::string start = little ? raw("II*\0") : raw("MM\0*");
    const std::string behind = std::string(5, '\x55');  // the directory begins at byte 13
    const auto tiff = [&](std::uint32_t entries, const std::string& directory) {
      return start + number(13, 4, little) + behind + number(entries, 2, little) + directory;
    };
    const std::string other = tiff_entry(254, true, 9999, little);
    const std::string w = tiff_entry(256, false, 0x0102, little), h = tiff_entry(257, true, 0x030405, little);
    expect_sides(tiff(3, other + w + h), "tiff", 0x0102, 0x030405);
    expect_sides(tiff(2, h + w), "tiff", 0x0102, 0x030405);
    expect_sides(tiff(1, w + h), "tiff", 0x0102, 0);
    expect_sides(tiff(65535, w + h), "tiff", 0x0102, 0x030405);
    expect_sides(start + number(1000, 4, little) + w + h, "tiff", 0, 0);
  }
  EXPECT_FALSE(probe(raw("II\0*") + std::string(40, '\1')));
}

/// 8 bits, height 0x0102, width 0x0304.
std::string frame(char marker) { return std::string("\xFF") + marker + raw("\0\x11\x08\1\2\3\4\3\1\x22"); }

TEST(ImageHeader, JpegFrameHeadersOfAllKinds) {
  for (int marker = 0xC0; marker <= 0xCF; ++marker) {
    const bool is_frame = marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    const std::string bytes = "\xFF\xD8" + frame(static_cast<char>(marker)) + std::string(30, '\0');
    expect_sides(bytes, "jpeg", is_frame ? 0x0304 : 0, is_frame ? 0x0102 : 0);
  }
}

TEST(ImageHeader, JpegSegmentsBeforeTheFrameAreSkipped) {
  // An EXIF block that holds a thumbnail's frame, padding bytes, a table, markers without a length.
  const std::string exif = raw("\xFF\xE1\0\x10") + frame('\xC0') + raw("\0\0");
  const std::string table = raw("\xFF\xC4\0\4\x55\x55"), bare = raw("\xFF\x01\xFF\xD0\xFF\xD8\xFF\xD7");
  const std::string real = raw("\xFF\xC2\0\x11\x08\5\6\7\x08\3\1\x22");
  expect_sides("\xFF\xD8" + exif + raw("\xFF\xFF\xFF") + table + bare + real, "jpeg", 0x0708, 0x0506);
  expect_sides("\xFF\xD8" + exif + "\x00" + real, "jpeg", 0x0708, 0x0506);
}

TEST(ImageHeader, JpegWithoutAFrameHasNoSides) {
  expect_sides("\xFF\xD8" + raw("\xFF\xE1\0\4\x55\x55") + "x" + frame('\xC0'), "jpeg", 0, 0);
  expect_sides("\xFF\xD8" + raw("\xFF\xE1\xFF\xFF") + frame('\xC0'), "jpeg", 0, 0);
  expect_sides("\xFF\xD8" + frame('\xC0').substr(0, 8), "jpeg", 0, 0);
  expect_sides("\xFF\xD8" + frame('\xC0').substr(0, 10), "jpeg", 0x0304, 0x0102);
  expect_sides("\xFF\xD8\xFF", "jpeg", 0, 0);
}

TEST(ImageHeader, PnmWithBlanksAndComments) {
  for (const char kind : {'1', '2', '3', '4', '5', '6'})
    expect_sides(std::string("P") + kind + "\n640 480\n255\n", "pnm", 640, 480);
  expect_sides("P6 # by a camera 99 88\n# twice 77\n\t 640\r\n#again\n 480#x\n255\n", "pnm", 640, 480);
  expect_sides("P6 0123456789 1 255\n", "pnm", 123456789, 1);
  EXPECT_FALSE(probe("P7\n640 480\n"));
  EXPECT_FALSE(probe("P6 6x 480\n"));
  // Ten digits of a side are enough for any picture: the eleventh is not one of it.
  expect_sides("P6 12345678901 7", "pnm", 1234567890, 1);
}

TEST(ImageHeader, TextThatBeginsLikeAPictureIsNone) {
  for (const char* text :
       {"BMW drivers of 2019", "P1 is faster than P2", "P6", "P6 640", "P6 0 480", "B", ""})
    EXPECT_FALSE(probe(text)) << text;
  EXPECT_FALSE(probe("BM" + std::string(40, '\0')));
}

TEST(ImageHeader, EveryByteOfASignatureCounts) {
  for (const std::string& signature : {raw("\xFF\xD8\xFF"), raw("\x89PNG\r\n\x1A\n"), raw("II*\0"),
                                       raw("MM\0*"), raw("GIF87a"), raw("GIF89a")}) {
    EXPECT_TRUE(probe(signature + std::string(40, '\1')));
    for (std::size_t i = 0; i < signature.size(); ++i) {
      std::string other = signature;
      other[i] ^= '\x20';
      EXPECT_FALSE(probe(other + std::string(40, '\1'))) << signature << " " << i;
    }
    EXPECT_FALSE(probe(signature.substr(0, signature.size() - 1)));
  }
}

TEST(ImageHeader, SidesOfExtendedWebpHave24Bits) {
  // What stands right behind each of them belongs to the other or to nothing.
  expect_sides(
      raw("RIFF\x11\x22\x33\x44WEBPVP8X") + std::string(8, '\x55') + raw("\xFF\xFF\xFF\xFE\xFF\xFF\xFF"),
      "webp", 0x1000000, 0xFFFFFF);
}

}  // namespace
}  // namespace pose
