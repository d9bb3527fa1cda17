// Each kind of file: recognised by its bytes, bounded by its sides, read as a viewer shows it.

#include <gtest/gtest.h>

#include <array>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "image/codec.h"
#include "image/picture_files.h"
#include "support/files.h"

namespace pose {
namespace {

using test::corner;
using test::decode;
using test::encoded;
using test::is_corner;
using test::number;
using test::raw;
using test::refusal;
using test::with_chunk;

const Codec* codec_of(const std::string& bytes) {
  return recognise_codec({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string name_of(const std::string& bytes) {
  const Codec* codec = codec_of(bytes);
  return codec ? std::string(codec->name) : "";
}

/// "WxH" as the header says, seen before a pixel is decoded.
std::string sides_of(const std::string& bytes) {
  const std::string message = refusal(bytes, 1).what();
  const std::string start = "the picture is said to be ";
  const std::size_t at = message.find(start);
  return at == std::string::npos ? message
                                 : message.substr(at + start.size(), message.find(':') - start.size());
}

const std::string kDamagedHeader = "the header of this picture is damaged";

std::string data(const std::string& name) { return test::read_text(test::data_path("pictures/" + name)); }

TEST(Codecs, EveryByteOfASignatureCounts) {
  const std::string rest(600, '\1');
  const std::pair<const char*, std::string> cases[] = {
      {"a JPEG picture", raw("\xFF\xD8\xFF")},
      {"a PNG picture", raw("\x89PNG\r\n\x1A\n")},
      {"a TIFF picture", raw("II*\0")},
      {"a TIFF picture", raw("MM\0*")},
      {"a TIFF picture", raw("II+\0\x08")},
      {"a TIFF picture", raw("MM\0+\0\x08")},
      {"a GIF picture", "GIF87a"},
      {"a GIF picture", "GIF89a"},
      {"a JPEG XL picture", raw("\0\0\0\x0CJXL \r\n\x87\n")},
      {"a JPEG 2000 picture", raw("\0\0\0\x0CjP  \r\n\x87\n")},
      {"a JPEG 2000 picture", "\xFF\x4F\xFF\x51"},
      {"a video", "\x1A\x45\xDF\xA3"},
      {"a Photoshop file", "8BPS"}};
  for (const auto& [name, signature] : cases) {
    EXPECT_EQ(name_of(signature + rest), name);
    for (std::size_t i = 0; i < signature.size(); ++i) {
      std::string other = signature;
      other[i] ^= '\x20';
      EXPECT_EQ(name_of(other + rest), "") << name << " " << i;
    }
    EXPECT_EQ(name_of(signature.substr(0, signature.size() - 1)), "") << name;
  }
}

TEST(Codecs, BrandsTellPicturesFromVideos) {
  const auto box = [](const std::string& brands) {
    return number(8 + brands.size(), 4, false) + "ftyp" + brands;
  };
  EXPECT_EQ(name_of(box("heic" + raw("\0\0\0\0"))), "a HEIC or AVIF picture");
  EXPECT_EQ(name_of(box("avif" + raw("\0\0\0\0"))), "a HEIC or AVIF picture");
  EXPECT_EQ(name_of(box("xxxx" + raw("\0\0\0\0") + "yyyymif1")), "a HEIC or AVIF picture");
  EXPECT_EQ(name_of(box("isom" + raw("\0\0\0\0") + "avc1") + "mif1"), "a video");
  EXPECT_EQ(name_of(box("qt  " + raw("\0\0\0\0"))), "a video");
  EXPECT_EQ(name_of("RIFF" + std::string(4, 'x') + "AVI "), "a video");
  EXPECT_EQ(name_of("RIFF" + std::string(4, 'x') + "WEBP"), "a WebP picture");
  EXPECT_EQ(name_of("RIFF" + std::string(4, 'x') + "WAVE"), "");
  EXPECT_EQ(name_of(raw("II*\0\x10\0\0\0CR\2\0")), "a camera's raw file");
}

TEST(Codecs, WhatCannotBeReadSaysWhatToDo) {
  const std::string video = raw("\0\0\0\x14") + "ftypisom" + raw("\0\0\0\0");
  EXPECT_EQ(refusal(video).kind(), ErrorKind::kUnsupported);
  EXPECT_NE(std::string(refusal(video).what()).find("a video"), std::string::npos);
  EXPECT_NE(std::string(refusal(video).what()).find("ffmpeg -i"), std::string::npos);
  const test::TempFolder folder;
  test::write_text(folder / "a.mp4", video);
  EXPECT_THROW(read_image(folder / "a.mp4"), Error);
  EXPECT_TRUE(looks_like_image(folder / "a.mp4")) << "so that a folder does not pass it over in silence";
  const Codec missing{"a new picture", nullptr, nullptr, "install libnew-dev"};
  try {
    check_readable(missing);
    FAIL() << "has no decoder";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_STREQ(error.what(), "this is a new picture, which pose cannot read here: install libnew-dev");
  }
}

TEST(Codecs, TextThatBeginsLikeAPictureIsNone) {
  for (const char* text :
       {"BMW drivers of 2019, and many more words", "P1 is faster than P2", "P6", "P6 640", "P6 0 480 255",
        "B", "P7\n640 480\n", "P6 6x 480 255\n", "P5 640 480 0\n", "P5 640 480 65536\n", ""})
    EXPECT_EQ(name_of(text), "") << text;
  EXPECT_EQ(name_of("BM" + std::string(40, '\0')), "");
}

TEST(Codecs, BlanksBeforeAPictureDoNotCount) {
  for (const char* blanks : {"\n", "\r\n\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n", " \t"}) {
    EXPECT_TRUE(is_corner(decode(blanks + encoded(".jpg", corner())).bgr));
    EXPECT_TRUE(is_corner(decode(blanks + encoded(".png", corner())).bgr));
  }
  EXPECT_EQ(refusal("x" + encoded(".png", corner())).kind(), ErrorKind::kFormat);
}

TEST(Codecs, TheLimitOfPixelsHoldsForAll) {
  const std::string files[] = {encoded(".jpg", corner()), encoded(".png", corner()),
                               encoded(".bmp", corner()), encoded(".webp", corner()),
                               encoded(".tif", corner()), encoded(".ppm", corner()),
                               data("animated.webp"),     data("interlaced_animated.gif")};
  for (const std::string& file : files) {
    EXPECT_EQ(sides_of(file), "48x32");
    EXPECT_EQ(refusal(file, 48 * 32 - 1).kind(), ErrorKind::kUnsupported);
    EXPECT_GT(decode(file, 48 * 32).bgr.at<cv::Vec3b>(4, 40)[0], 200) << name_of(file);
    // No length is read beyond, and none ends otherwise than in a picture or in words.
    for (std::size_t size = 0; size < file.size(); size += size < 64 ? 1 : 37) {
      try {
        decode(file.substr(0, size));
      } catch (const Error& error) {
        EXPECT_NE(error.kind(), ErrorKind::kInternal) << name_of(file) << " " << size;
      }
    }
  }
}

TEST(Jpeg2000, IsReadWhereOpenCvCan) {
  std::vector<std::uint8_t> bytes;
  try {
    if (!cv::imencode(".jp2", corner(), bytes)) throw cv::Exception();
  } catch (const cv::Exception&) {
    GTEST_SKIP() << "this OpenCV has no JPEG 2000";
  }
  const std::string file(bytes.begin(), bytes.end());
  EXPECT_TRUE(is_corner(decode(file).bgr));
  EXPECT_EQ(sides_of(file), "48x32");
  // The codestream's own sides count, whatever the box around it says.
  const std::size_t sides = file.find("\xFF\x4F\xFF\x51") + 8;
  std::string huge = file;
  huge.replace(sides, 8, raw("\0\1\0\0\0\1\0\0"));
  EXPECT_EQ(sides_of(huge), "65536x65536");
}

TEST(JpegXl, IsReadWhereTheLibraryIsThere) {
  const std::string file = data("corner.jxl");
  if (!codec_of(file)->decode) {
    EXPECT_NE(std::string(refusal(file).what()).find("libjxl-dev"), std::string::npos);
    return;
  }
  EXPECT_TRUE(is_corner(decode(file).bgr));
  EXPECT_EQ(sides_of(file), "48x32");
  EXPECT_EQ(refusal(file.substr(0, 12)).kind(), ErrorKind::kFormat);
}

TEST(Gif, FirstFrameWithItsTransparentColourOnWhite) {
  const DecodedImage image = decode(data("interlaced_animated.gif"));
  EXPECT_EQ(image.warning, "");
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 48; ++x) {
      const cv::Vec3b expected = x >= 40 && y >= 24 ? cv::Vec3b(255, 255, 255)
                                 : x < 24 && y < 16 ? cv::Vec3b(0, 0, 255)
                                                    : cv::Vec3b(255, 0, 0);
      ASSERT_EQ(image.bgr.at<cv::Vec3b>(y, x), expected) << x << " " << y;
    }
}

TEST(Gif, ASmallFrameLiesInItsPlace) {
  // A screen of 4x3, a frame of 2x1 at (1, 2): colour 1, then colour 0; clear, 1, 0, end in 3 bits each.
  const std::string file = "GIF89a" + raw("\4\0\3\0\x80\0\0\1\2\3\4\5\6") + "," + raw("\1\0\2\0\2\0\1\0\0") +
                           raw("\2\2\x0C\x0A\0;");
  const cv::Mat picture = decode(file).bgr;
  ASSERT_EQ(picture.size(), cv::Size(4, 3));
  EXPECT_EQ(picture.at<cv::Vec3b>(2, 1), cv::Vec3b(6, 5, 4));
  EXPECT_EQ(picture.at<cv::Vec3b>(2, 2), cv::Vec3b(3, 2, 1));
  EXPECT_EQ(picture.at<cv::Vec3b>(2, 3), cv::Vec3b(255, 255, 255));
  // Half outside the screen: what is inside counts.
  std::string outside = file;
  outside[20] = 3;
  EXPECT_EQ(decode(outside).bgr.at<cv::Vec3b>(2, 3), cv::Vec3b(6, 5, 4));
  EXPECT_EQ(refusal(file.substr(0, 28)).kind(), ErrorKind::kFormat);
}

TEST(Gif, InterlacedRowsFindTheirPlaces) {
  // Five rows of one pixel, stored as 0, 4, 2, 1, 3, with the colours 0, 1, 2, 3, 0.
  const std::string file = "GIF89a" + raw("\1\0\5\0\x81\0\0") + "\n\n\n\v\v\v\f\f\f\r\r\r" + "," +
                           raw("\0\0\0\0\1\0\5\0\x40") + raw("\2\3\x44\x34\x50\0;");
  const cv::Mat picture = decode(file).bgr;
  ASSERT_EQ(picture.size(), cv::Size(1, 5));
  for (int y = 0; y < 5; ++y)
    EXPECT_EQ(picture.at<cv::Vec3b>(y, 0)[0], (std::array{10, 13, 12, 10, 11}[y])) << y;
}

TEST(Webp, OfAnAnimationTheFirstFrame) { EXPECT_TRUE(is_corner(decode(data("animated.webp")).bgr)); }

TEST(Webp, WhatIsThereOfACutOneIsUsed) {
  const std::string file = encoded(".webp", corner());
  EXPECT_EQ(decode(file).warning, "");
  cv::Mat noise(256, 256, CV_8UC3);
  cv::randu(noise, 0, 255);
  const std::string large = encoded(".webp", noise);
  const DecodedImage cut = decode(large.substr(0, large.size() * 3 / 4));
  EXPECT_EQ(cut.bgr.size(), noise.size());
  EXPECT_NE(cut.warning.find("of 256 rows"), std::string::npos) << cut.warning;
}

TEST(Pnm, NumbersCommentsAndAllSixKinds) {
  const auto pixel = [](const std::string& file, int x, int y = 0) {
    return decode(file).bgr.at<cv::Vec3b>(y, x);
  };
  EXPECT_EQ(pixel("P5 # by a camera 99 88\n# twice 77\n\t 2\r\n#again\n 1#x\n255\nab", 1),
            cv::Vec3b(98, 98, 98));
  EXPECT_EQ(pixel("P6 1 1 255\nabc", 0), cv::Vec3b('c', 'b', 'a'));
  EXPECT_EQ(pixel("P3 1 1 9 0 3 # no more\n 9", 0), cv::Vec3b(255, 85, 0));
  EXPECT_EQ(pixel("P2 2 1 4 1 4", 0), cv::Vec3b(64, 64, 64));
  EXPECT_EQ(pixel("P1 2 2 0110", 0, 1), cv::Vec3b(0, 0, 0)) << "1 is black";
  EXPECT_EQ(pixel("P4 9 2 " + raw("\x80\x80\x7F\0"), 8, 0), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(pixel("P4 9 2 " + raw("\x80\x80\x7F\0"), 0, 1), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(pixel("P5 2 1 1023 " + raw("\3\xFF\0\0"), 0), cv::Vec3b(255, 255, 255)) << "white is the maximum";
  EXPECT_EQ(pixel("P5 2 1 1023 " + raw("\0\2\xFF\3"), 1), cv::Vec3b(255, 255, 255)) << "the low byte first";
  EXPECT_EQ(pixel("P5 2 1 1023 " + raw("\0\2\xFF\3"), 0), cv::Vec3b(128, 128, 128));
  EXPECT_EQ(sides_of("P6 0123456789 1 255\n"), "123456789x1");
  EXPECT_EQ(sides_of("P6 1 12345678901 7"), "1x1234567890");
  EXPECT_EQ(decode("P5 2 2 255\nabc").warning.substr(0, 23), "the file is cut off or ");
  EXPECT_EQ(refusal("P5 2 2 255\na").kind(), ErrorKind::kFormat);
}

std::string bmp(int bits, int compression, const std::string& behind_header, const std::string& pixels,
                int width, int height, int header = 40) {
  const std::string rest = number(static_cast<std::uint64_t>(compression), 4, true) + std::string(20, '\0');
  return "BM" + std::string(8, '\0') + number(14 + 40 + behind_header.size(), 4, true) +
         number(static_cast<std::uint64_t>(header), 4, true) +
         number(static_cast<std::uint32_t>(width), 4, true) +
         number(static_cast<std::uint32_t>(height), 4, true) + number(1, 2, true) +
         number(static_cast<std::uint64_t>(bits), 2, true) + rest + behind_header + pixels;
}

TEST(Bmp, MasksSayWhereColoursAre) {
  const std::string masks = raw("\xFF\0\0\0\0\xFF\0\0\0\0\xFF\0");  // red in the lowest byte
  const auto pixel = [](const std::string& file, int x = 0) { return decode(file).bgr.at<cv::Vec3b>(0, x); };
  EXPECT_EQ(pixel(bmp(32, 3, masks, raw("\1\2\3\xFF"), 1, 1)), cv::Vec3b(3, 2, 1));
  // A longer header has a mask of alpha too.
  const std::string alpha = masks + raw("\0\0\0\xFF");
  EXPECT_EQ(pixel(bmp(32, 3, alpha, raw("\1\2\3\xFF"), 1, 1, 56)), cv::Vec3b(3, 2, 1));
  const std::string two = bmp(32, 3, alpha, raw("\1\2\3\xFF\1\2\3\0"), 2, 1, 56);
  EXPECT_EQ(pixel(two, 1), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(pixel(bmp(32, 0, "", raw("\1\2\3\0"), 1, 1)), cv::Vec3b(1, 2, 3)) << "no mask, no alpha";
  EXPECT_EQ(pixel(bmp(16, 0, "", raw("\x1F\x7C\0\0"), 1, 1)), cv::Vec3b(255, 0, 255)) << "5, 5, 5 bits";
  const std::string masks565 = raw("\0\xF8\0\0\xE0\7\0\0\x1F\0\0\0");
  EXPECT_EQ(pixel(bmp(16, 3, masks565, raw("\xE0\x07\0\0"), 1, 1)), cv::Vec3b(0, 255, 0));
}

TEST(Bmp, PalettesAndRowOrder) {
  const std::string palette = raw("\1\2\3\0\4\5\6\0");
  const auto at = [](const std::string& file, int x, int y) { return decode(file).bgr.at<cv::Vec3b>(y, x); };
  const std::string bits = bmp(1, 0, palette, raw("\x40\0\0\0\x80\0\0\0"), 2, 2);
  EXPECT_EQ(at(bits, 0, 1), cv::Vec3b(1, 2, 3));
  EXPECT_EQ(at(bits, 1, 1), cv::Vec3b(4, 5, 6));
  EXPECT_EQ(at(bits, 0, 0), cv::Vec3b(4, 5, 6));
  EXPECT_EQ(at(bmp(1, 0, palette, raw("\x40\0\0\0\x80\0\0\0"), 2, -2), 0, 0), cv::Vec3b(1, 2, 3));
  std::string nibbles = bmp(4, 0, palette, raw("\x10\0\0\0"), 2, 1);
  nibbles[46] = 2;  // of 16 colours two are there
  EXPECT_EQ(at(nibbles, 0, 0), cv::Vec3b(4, 5, 6));
  std::string core = "BM" + std::string(8, '\0') + number(32, 4, true) + number(12, 4, true) +
                     number(1, 2, true) + number(1, 2, true) + number(1, 2, true) + number(1, 2, true) +
                     raw("\1\2\3\4\5\6") + raw("\x80\0\0\0");
  EXPECT_EQ(at(core, 0, 0), cv::Vec3b(4, 5, 6)) << "of OS/2, three bytes a colour";
}

TEST(Bmp, RunLengths) {
  const std::string palette = raw("\1\2\3\0\4\5\6\0") + std::string(254 * 4, '\7');
  const auto shades = [](const std::string& file, int y) {
    std::string row;
    const cv::Mat picture = decode(file).bgr;
    for (int x = 0; x < picture.cols; ++x) row += std::to_string(picture.at<cv::Vec3b>(y, x)[0]);
    return row;
  };
  // The lower row: three times colour 1, then the end of the row; the upper one: 0 1 2 as they are, filled
  // up.
  const std::string bytes = bmp(8, 1, palette, raw("\3\1\0\0\0\3\0\1\2\0\1\1\0\1"), 4, 2);
  EXPECT_EQ(shades(bytes, 1), "4441");
  EXPECT_EQ(shades(bytes, 0), "1474");
  EXPECT_EQ(decode(bytes).warning, "");
  const std::string small = palette.substr(0, 64);
  EXPECT_EQ(shades(bmp(4, 2, small, raw("\3\x10\0\1"), 4, 1), 0), "4141") << "two colours in turns";
  EXPECT_EQ(shades(bmp(4, 2, small, raw("\0\3\x10\x10\0\1"), 4, 1), 0), "4141");
  const std::string jump = bmp(8, 1, palette, raw("\1\1\0\2\1\1\1\1\0\1"), 4, 2);
  EXPECT_EQ(shades(jump, 1), "4111");
  EXPECT_EQ(shades(jump, 0), "1141") << "one to the right and one up";
  EXPECT_NE(decode(bmp(8, 1, palette, raw("\3\1\0\0"), 4, 2)).warning, "");
  EXPECT_EQ(refusal(bmp(8, 1, palette, raw("\3\1"), 4, 2)).kind(), ErrorKind::kFormat);
  EXPECT_EQ(shades(bmp(8, 1, palette, raw("\xFF\1\0\2\xFF\xFF\xFF\1"), 4, 1), 0), "4444") << "beyond the row";
  EXPECT_EQ(refusal(bmp(8, 5, palette, "", 4, 1)).kind(), ErrorKind::kUnsupported);
}

TEST(Bmp, HeaderOfBothKindsAndWhatIsCutOff) {
  EXPECT_EQ(sides_of(bmp(24, 0, "", "", 0x04030201, 0x08070605)), "67305985x134678021");
  EXPECT_EQ(sides_of(bmp(24, 0, "", "", 0x0201, -2)), "513x2");
  const std::string file = encoded(".bmp", corner());
  const DecodedImage cut = decode(file.substr(0, file.size() - 3 * 48));
  EXPECT_NE(cut.warning.find("31 of 32 rows"), std::string::npos) << cut.warning;
  EXPECT_EQ(cut.bgr.at<cv::Vec3b>(31, 0), cv::Vec3b(255, 0, 0)) << "the lowest row is stored first";
}

/// 8 bits, height 0x0102, width 0x0304.
std::string frame(char marker) { return std::string("\xFF") + marker + raw("\0\x11\x08\1\2\3\4\3\1\x22"); }

TEST(Jpeg, FrameHeadersOfAllKinds) {
  for (int marker = 0xC0; marker <= 0xCF; ++marker) {
    const bool is_frame = marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    const std::string bytes = "\xFF\xD8" + frame(static_cast<char>(marker)) + std::string(30, '\0');
    EXPECT_EQ(sides_of(bytes), is_frame ? "772x258" : kDamagedHeader);
  }
}

TEST(Jpeg, SegmentsAndJunkBeforeTheFrameAreSkipped) {
  // An EXIF block that holds a thumbnail's frame, padding bytes, a table, markers without a length.
  const std::string exif = raw("\xFF\xE1\0\x10") + frame('\xC0') + raw("\0\0");
  const std::string table = raw("\xFF\xC4\0\4\x55\x55"), bare = raw("\xFF\x01\xFF\xD0\xFF\xD8\xFF\xD7");
  const std::string real = raw("\xFF\xC2\0\x11\x08\5\6\7\x08\3\1\x22"), end(30, '\0');
  EXPECT_EQ(sides_of("\xFF\xD8" + exif + raw("\xFF\xFF\xFF") + table + bare + real + end), "1800x1286");
  EXPECT_EQ(sides_of("\xFF\xD8" + exif + raw("junk\xFF\0") + real + end), "1800x1286");
  EXPECT_EQ(sides_of("\xFF\xD8" + raw("\xFF\xE1\xFF\xFF") + frame('\xC0') + end), kDamagedHeader);
  EXPECT_EQ(sides_of("\xFF\xD8" + raw("\xFF\xD9") + frame('\xC0') + end), kDamagedHeader) << "behind its end";
}

TEST(Jpeg, IsUsedAsFarAsItGoesWhateverItsThumbnailHas) {
  const std::string jpeg = encoded(".jpg", corner());
  const std::string thumbnail =
      raw("\xFF\xE1\0\x0C"
          "Exif\0\0..\xFF\xD9");
  const std::string whole = jpeg.substr(0, 2) + thumbnail + jpeg.substr(2);
  EXPECT_EQ(decode(whole).warning, "");
  EXPECT_NE(decode(whole.substr(0, whole.size() - 10)).warning.find("cut off"), std::string::npos);
  const std::size_t scan = jpeg.find("\xFF\xDA"), header = 2 + static_cast<unsigned char>(jpeg[scan + 3]);
  EXPECT_EQ(refusal(jpeg.substr(0, scan + header)).kind(), ErrorKind::kFormat) << "no pixel is there";
  EXPECT_NE(decode(jpeg.substr(0, scan + header + 20)).warning, "");
  std::vector<std::uint8_t> progressive;
  cv::Mat noise(64, 64, CV_8UC3);
  cv::randu(noise, 0, 255);
  cv::imencode(".jpg", noise, progressive, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  const DecodedImage cut = decode(
      std::string(progressive.begin(), progressive.begin() + static_cast<long>(progressive.size() / 2)));
  EXPECT_EQ(cut.bgr.size(), noise.size());
  EXPECT_NE(cut.warning, "");
}

TEST(Png, DamageBehindTheFirstRowsIsToldAndCostsNoMore) {
  cv::Mat noise(64, 64, CV_8UC3);
  cv::randu(noise, 0, 255);
  const std::string png = encoded(".png", noise);
  EXPECT_EQ(decode(png).warning, "");
  const DecodedImage cut = decode(png.substr(0, png.size() / 2));
  EXPECT_NE(cut.warning.find(" of 64 rows"), std::string::npos) << cut.warning;
  EXPECT_EQ(cv::norm(cut.bgr.rowRange(0, 16), noise.rowRange(0, 16), cv::NORM_INF), 0);
  EXPECT_EQ(cut.bgr.at<cv::Vec3b>(63, 63), cv::Vec3b(128, 128, 128));
  const DecodedImage endless = decode(png.substr(0, png.size() - 12));
  EXPECT_NE(endless.warning, "");
  EXPECT_EQ(cv::norm(endless.bgr, noise, cv::NORM_INF), 0);
  std::string wrong_sum = with_chunk(png, "tEXt", raw("Comment\0hello"));
  wrong_sum[33 + 8 + 8] ^= 1;
  EXPECT_NE(decode(wrong_sum).warning.find("checksum"), std::string::npos);
  std::string bad_header = png;
  bad_header[30] ^= 1;
  EXPECT_EQ(refusal(bad_header).kind(), ErrorKind::kFormat);
  EXPECT_EQ(refusal(png.substr(0, 60)).kind(), ErrorKind::kFormat) << "without a row";
}

TEST(Png, AlphaOfEveryKindOnWhite) {
  cv::Mat bgra(1, 2, CV_8UC4);
  bgra.at<cv::Vec4b>(0, 0) = {10, 20, 30, 255};
  bgra.at<cv::Vec4b>(0, 1) = {10, 20, 30, 51};
  const cv::Mat picture = decode(encoded(".png", bgra)).bgr;
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 1), cv::Vec3b(206, 208, 210));
  // Grey with one shade that is transparent.
  const std::string grey = encoded(".png", (cv::Mat_<std::uint8_t>(1, 2) << 7, 9));
  EXPECT_EQ(decode(with_chunk(grey, "tRNS", raw("\0\7"))).bgr.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(decode(with_chunk(grey, "tRNS", raw("\0\7"))).bgr.at<cv::Vec3b>(0, 1), cv::Vec3b(9, 9, 9));
}

}  // namespace
}  // namespace pose
