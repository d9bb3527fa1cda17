#include "image/raster.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "image/orientation.h"
#include "pose/error.h"

namespace pose {
namespace {

bool wholly_transparent(const cv::Mat& pixels) {
  cv::Mat alpha;
  cv::extractChannel(pixels, alpha, pixels.channels() - 1);
  return cv::countNonZero(alpha) == 0;
}

/// Grey with alpha or BGRA -> BGR.
cv::Mat without_alpha(const Raster& raster) {
  const int channels = raster.pixels.channels(), colours = channels - 1;
  const bool opaque = wholly_transparent(raster.pixels);
  cv::Mat bgr(raster.pixels.size(), CV_8UC3);
  for (int y = 0; y < bgr.rows; ++y) {
    const std::uint8_t* in = raster.pixels.ptr<std::uint8_t>(y);
    std::uint8_t* out = bgr.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, in += channels, out += 3) {
      const int alpha = opaque ? 255 : in[colours], white = 255 * (255 - alpha);
      for (int c = 0; c < 3; ++c) {
        const int colour = in[colours == 3 ? c : 0];
        const int on_white = (colour * (raster.premultiplied && !opaque ? 255 : alpha) + white + 127) / 255;
        out[c] = static_cast<std::uint8_t>(std::min(on_white, 255));
      }
    }
  }
  return bgr;
}

}  // namespace

cv::Mat finish_raster(Raster raster) {
  POSE_CHECK(!raster.pixels.empty() && raster.pixels.depth() == CV_8U && raster.pixels.channels() <= 4);
  cv::Mat bgr = raster.pixels;
  if (bgr.channels() == 1)
    cv::cvtColor(raster.pixels, bgr, cv::COLOR_GRAY2BGR);
  else if (bgr.channels() != 3)
    bgr = without_alpha(raster);
  raster.pixels.release();
  return turn_upright(bgr, raster.orientation);
}

std::string missing_rows(std::int64_t rows, std::int64_t height) {
  if (rows <= 0) throw Error::format("the picture is damaged: none of its rows can be read");
  if (rows >= height) return "the file is cut off or damaged; what could be read of the picture is used";
  return "the file is cut off or damaged: " + std::to_string(rows) + " of " + std::to_string(height) +
         " rows could be read, and are used";
}

}  // namespace pose
