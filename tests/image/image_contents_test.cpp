// What becomes of a picture's content while it is read and written.

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "image/letterbox.h"
#include "image/picture_files.h"
#include "pose/error.h"
#include "pose/image.h"
#include "pose/log.h"
#include "support/files.h"

namespace pose {
namespace {

using test::corner;
using test::encoded;

std::vector<std::string> warnings_while(const std::function<void()>& work) {
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel level, std::string_view message) {
    EXPECT_EQ(level, LogLevel::kWarning);
    messages.emplace_back(message);
  });
  work();
  set_log_sink(nullptr);
  return messages;
}

TEST(ReadImage, EveryKindOfPixelBecomesThreeBytes) {
  const test::TempFolder folder;
  test::write_text(folder / "grey", encoded(".png", cv::Mat(3, 4, CV_8UC1, cv::Scalar(77))));
  test::write_text(folder / "deep",
                   encoded(".png", cv::Mat(3, 4, CV_16UC3, cv::Scalar(0x1122, 0x3344, 0x5566))));
  test::write_text(folder / "alpha", encoded(".png", cv::Mat(3, 4, CV_8UC4, cv::Scalar(1, 2, 3, 4))));
  const auto first = [&](const std::string& name) {
    const cv::Mat picture = read_image(folder / name);
    EXPECT_EQ(picture.type(), CV_8UC3);
    return picture.at<cv::Vec3b>(0, 0);
  };
  EXPECT_EQ(first("grey"), cv::Vec3b(77, 77, 77));
  EXPECT_EQ(first("deep"), cv::Vec3b(0x11, 0x33, 0x55));
  EXPECT_EQ(first("alpha"), cv::Vec3b(251, 251, 251));
}

TEST(ReadImage, AJpegWithoutItsEndIsReadWithAWarning) {
  const test::TempFolder folder;
  const std::string jpeg = encoded(".jpg", corner());
  test::write_text(folder / "whole.jpg", jpeg);
  test::write_text(folder / "more.jpg", jpeg + "some bytes of a camera");
  test::write_text(folder / "cut.jpg", jpeg.substr(0, jpeg.size() - 1));
  EXPECT_TRUE(warnings_while([&] { read_image(folder / "whole.jpg"); }).empty());
  EXPECT_TRUE(warnings_while([&] { read_image(folder / "more.jpg"); }).empty());
  const auto seen = warnings_while([&] { EXPECT_EQ(read_image(folder / "cut.jpg").cols, 48); });
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].find("cut.jpg: the file is cut off"), std::string::npos);
}

TEST(ReadImage, SidesBeyondWhatOpenCvCountsAreRefusedWhateverTheLimit) {
  const test::TempFolder folder;
  std::string png = encoded(".png", corner());
  for (const std::size_t side : {std::size_t{16}, std::size_t{20}}) {
    std::string huge = png;
    huge.replace(16, 8, std::string("\0\0\0\1\0\0\0\1", 8));
    huge.replace(side, 4, std::string("\x80\0\0\0", 4));
    test::write_text(folder / "huge.png", huge);
    try {
      read_image(folder / "huge.png", std::int64_t{1} << 62);
      FAIL() << "was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
      EXPECT_NE(std::string(error.what()).find("2147483648"), std::string::npos) << error.what();
    }
  }
}

TEST(LooksLikeImage, OnlyTheContentCounts) {
  const test::TempFolder folder;
  test::write_text(folder / "a.txt", encoded(".png", corner()));
  test::write_text(folder / "b.png", "text");
  test::write_text(folder / "c.png", "");
  // The frame header of a photo with a large EXIF block lies far behind.
  const std::string jpeg = encoded(".jpg", corner());
  std::string late = jpeg.substr(0, 2);
  for (int i = 0; i < 3; ++i) late += std::string("\xFF\xE1\xFF\xFF") + std::string(65533, '\0');
  test::write_text(folder / "d", late + jpeg.substr(2));
  EXPECT_TRUE(looks_like_image(folder / "a.txt"));
  EXPECT_FALSE(looks_like_image(folder / "b.png"));
  EXPECT_FALSE(looks_like_image(folder / "c.png"));
  EXPECT_FALSE(looks_like_image(folder / "missing"));
  EXPECT_TRUE(looks_like_image(folder / "d"));
}

TEST(WriteImage, TheEndingDecidesAndJpegsAreFine) {
  const test::TempFolder folder;
  write_image(folder / "a.png", corner());
  EXPECT_EQ(cv::norm(read_image(folder / "a.png"), corner(), cv::NORM_INF), 0);
  write_image(folder / "a.jpg", corner());
  std::vector<std::uint8_t> fine;
  cv::imencode(".jpg", corner(), fine, {cv::IMWRITE_JPEG_QUALITY, 95});
  EXPECT_EQ(test::read_text(folder / "a.jpg"), std::string(fine.begin(), fine.end()));
}

TEST(Letterbox, PlanesAreRedGreenBlueOnGrey) {
  const Blob planes = letterbox(cv::Mat(8, 16, CV_8UC3, cv::Scalar(51, 102, 204)), 16);
  ASSERT_EQ(planes.shape(), (std::vector<std::int64_t>{3, 16, 16}));
  const auto at = [&](int channel, int y, int x) { return planes.data()[(channel * 16 + y) * 16 + x]; };
  const float grey = 128 / 255.0f;
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(at(c, 3, 5), grey);
    EXPECT_EQ(at(c, 12, 5), grey);
  }
  for (const int y : {4, 11}) {
    EXPECT_NEAR(at(0, y, 0), 0.8, 1e-6);
    EXPECT_NEAR(at(1, y, 15), 0.4, 1e-6);
    EXPECT_NEAR(at(2, y, 7), 0.2, 1e-6);
  }
}

TEST(Stretch, WidthAndHeightKeepTheirPlaces) {
  cv::Mat picture(4, 2, CV_8UC3, cv::Scalar(0, 0, 0));
  picture.at<cv::Vec3b>(3, 1) = {255, 51, 102};
  const Blob same = stretch(picture, {2, 4});
  EXPECT_EQ(same.data()[7], 0.4f);
  EXPECT_EQ(same.data()[15], 0.2f);
  EXPECT_EQ(same.data()[23], 1.0f);
  EXPECT_EQ(same.data()[6], 0.0f);
}

}  // namespace
}  // namespace pose
