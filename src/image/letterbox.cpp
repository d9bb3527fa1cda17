#include "image/letterbox.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "image/check_picture.h"

namespace pose {
namespace {

constexpr int kGrey = 128;

/// u8 BGR -> f32 RGB planes in 0..1.
Blob to_planes(const cv::Mat& bgr) {
  Blob planes({3, bgr.rows, bgr.cols});
  const std::int64_t area = std::int64_t{bgr.rows} * bgr.cols;
  float* red = planes.data();
  float* green = red + area;
  float* blue = green + area;
  for (int y = 0; y < bgr.rows; ++y) {
    const std::uint8_t* row = bgr.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x) {
      *blue++ = static_cast<float>(row[3 * x]) / 255.0f;
      *green++ = static_cast<float>(row[3 * x + 1]) / 255.0f;
      *red++ = static_cast<float>(row[3 * x + 2]) / 255.0f;
    }
  }
  return planes;
}

}  // namespace

LetterboxPlace letterbox_place(Size photo, int side) {
  if (photo.width < 1 || photo.height < 1 || side < 1)
    throw Error::usage("a letterbox needs a photo and a canvas of at least one pixel");
  const double scale =
      std::min(static_cast<double>(side) / photo.width, static_cast<double>(side) / photo.height);
  LetterboxPlace place;
  place.resized.width = std::max(static_cast<int>(photo.width * scale), 1);
  place.resized.height = std::max(static_cast<int>(photo.height * scale), 1);
  place.x = (side - place.resized.width) / 2;
  place.y = (side - place.resized.height) / 2;
  return place;
}

Blob letterbox(const cv::Mat& bgr, int side) {
  check_picture(bgr);
  const LetterboxPlace place = letterbox_place({bgr.cols, bgr.rows}, side);
  cv::Mat canvas(side, side, CV_8UC3, cv::Scalar::all(kGrey));
  cv::Mat body = canvas(cv::Rect(place.x, place.y, place.resized.width, place.resized.height));
  cv::resize(bgr, body, body.size(), 0, 0, cv::INTER_CUBIC);
  return to_planes(canvas);
}

Blob stretch(const cv::Mat& bgr, Size size) {
  check_picture(bgr);
  if (size.width < 1 || size.height < 1) throw Error::usage("a picture cannot be stretched to no pixels");
  cv::Mat resized;
  cv::resize(bgr, resized, cv::Size(size.width, size.height), 0, 0, cv::INTER_LINEAR);
  return to_planes(resized);
}

}  // namespace pose
