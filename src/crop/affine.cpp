#include "crop/affine.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace pose {
namespace {

constexpr double kPixelsPerScale = 200, kPadding = 1.25;
constexpr double kPi = 3.14159265358979323846;

/// The corner that makes a right angle at `b`, in f32.
cv::Point2f third_point(const cv::Point2f& a, const cv::Point2f& b) {
  const cv::Point2f d = a - b;
  return {b.x - d.y, b.y + d.x};
}

float source_width(const Crop& crop) { return crop.scale.x * static_cast<float>(kPixelsPerScale); }

}  // namespace

CenterScale center_scale(double x, double y, double w, double h, Size input) {
  const double aspect = static_cast<double>(input.width) / input.height;
  CenterScale result;
  result.center = {static_cast<float>(x + w * 0.5), static_cast<float>(y + h * 0.5)};
  if (w > aspect * h)
    h = w / aspect;
  else if (w < aspect * h)
    w = h * aspect;
  result.scale = {static_cast<float>(w / kPixelsPerScale), static_cast<float>(h / kPixelsPerScale)};
  // The references use -1 as "no centre"; a real one at exactly -1 loses its padding there too.
  if (result.center.x != -1) {
    result.scale.x = static_cast<float>(result.scale.x * kPadding);
    result.scale.y = static_cast<float>(result.scale.y * kPadding);
  }
  return result;
}

std::array<double, 6> affine_matrix(double center_x, double center_y, double source_width,
                                    double rotation_degrees, Size output, bool inverse) {
  const double angle = rotation_degrees * kPi / 180;
  const double up = source_width * -0.5;
  cv::Point2f src[3], dst[3];
  src[0] = {static_cast<float>(center_x), static_cast<float>(center_y)};
  src[1] = {static_cast<float>(center_x - up * std::sin(angle)),
            static_cast<float>(center_y + up * std::cos(angle))};
  src[2] = third_point(src[0], src[1]);
  dst[0] = {static_cast<float>(output.width * 0.5), static_cast<float>(output.height * 0.5)};
  dst[1] = {static_cast<float>(output.width * 0.5),
            static_cast<float>(output.height * 0.5 + static_cast<float>(output.width * -0.5))};
  dst[2] = third_point(dst[0], dst[1]);
  const cv::Mat m = inverse ? cv::getAffineTransform(dst, src) : cv::getAffineTransform(src, dst);
  std::array<double, 6> result{};
  for (int i = 0; i < 6; ++i) result[static_cast<std::size_t>(i)] = m.at<double>(i / 3, i % 3);
  return result;
}

Crop plan_affine_crop(const Box&, const Rect& exact, Size, const InputSpec& input) {
  Crop crop;
  crop.kind = Crop::Kind::kAffine;
  crop.input = {input.width, input.height};
  const CenterScale cs = center_scale(exact.x, exact.y, exact.width, exact.height, crop.input);
  crop.center = cs.center;
  crop.scale = cs.scale;
  crop.area = source_width(crop) * (crop.scale.y * static_cast<float>(kPixelsPerScale));
  crop.to_input = affine_matrix(crop.center.x, crop.center.y, source_width(crop), 0, crop.input, false);
  return crop;
}

Point affine_to_photo(const Crop& crop, Point cell, Size heatmap) {
  const auto m = affine_matrix(crop.center.x, crop.center.y, source_width(crop), 0, heatmap, true);
  return {static_cast<float>(m[0] * cell.x + m[1] * cell.y + m[2]),
          static_cast<float>(m[3] * cell.x + m[4] * cell.y + m[5])};
}

}  // namespace pose
