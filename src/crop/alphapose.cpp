#include "crop/alphapose.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace pose {
namespace {

constexpr float kGrowth = 0.3f;  // of each side, half of it at either end
constexpr float kLeastSide = 5.0f;

cv::Point2f third_point(const cv::Point2f& a, const cv::Point2f& b) {
  const cv::Point2f d = a - b;
  return {b.x - d.y, b.y + d.x};
}

/// Corners of boxes from strangers may be anything; cutting them to integers must not overflow.
int to_int(float value) {
  constexpr float kFar = 1e8f;
  return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, -kFar, kFar));
}

Box grow(const Box& box, Size photo) {
  const float dx = box.width() * kGrowth / 2, dy = box.height() * kGrowth / 2;
  Box grown;
  grown.x1 = std::max(0.0f, box.x1 - dx);
  grown.y1 = std::max(0.0f, box.y1 - dy);
  grown.x2 = std::max(std::min(static_cast<float>(photo.width - 1), box.x2 + dx), grown.x1 + kLeastSide);
  grown.y2 = std::max(std::min(static_cast<float>(photo.height - 1), box.y2 + dy), grown.y1 + kLeastSide);
  return grown;
}

}  // namespace

AlphaPoseCut alphapose_cut(const Box& grown, Size input) {
  AlphaPoseCut cut;
  cut.left = to_int(grown.x1);
  cut.top = to_int(grown.y1);
  cut.right = to_int(grown.x2 - 1);
  cut.bottom = to_int(grown.y2 - 1);
  const double height = cut.bottom - cut.top, width = cut.right - cut.left;
  const double full_height = std::max(height, width * input.height / input.width);
  const double full_width = full_height * input.width / input.height;
  const double pad_y = std::floor((full_height - height) / 2), pad_x = std::floor((full_width - width) / 2);
  cut.source[0] = {static_cast<float>(cut.left - pad_x), static_cast<float>(cut.top - pad_y)};
  cut.source[1] = {static_cast<float>(cut.right + pad_x), static_cast<float>(cut.bottom + pad_y)};
  cut.source[2] = third_point(cut.source[0], cut.source[1]);
  cut.target[0] = {0, 0};
  cut.target[1] = {static_cast<float>(input.width - 1), static_cast<float>(input.height - 1)};
  cut.target[2] = third_point(cut.target[0], cut.target[1]);
  return cut;
}

Crop plan_alphapose_crop(const Box& person, const Rect&, Size photo, const InputSpec& input) {
  Crop crop;
  crop.kind = Crop::Kind::kAlphaPose;
  crop.input = {input.width, input.height};
  crop.grown = grow(person, photo);
  crop.area = double{crop.grown.width()} * crop.grown.height();
  const AlphaPoseCut cut = alphapose_cut(crop.grown, crop.input);
  const cv::Mat m = cv::getAffineTransform(cut.source, cut.target);
  for (int i = 0; i < 6; ++i) crop.to_input[static_cast<std::size_t>(i)] = m.at<double>(i / 3, i % 3);
  return crop;
}

// Source: src/crop/README.md, 4, all f32; it ignores the small rotation of the cut, as the reference does.
Point alphapose_to_photo(const Crop& crop, Point cell, Size heatmap) {
  const float ratio = static_cast<float>(crop.input.height) / static_cast<float>(crop.input.width);
  const float inverse_ratio = static_cast<float>(crop.input.width) / static_cast<float>(crop.input.height);
  const float box_width = crop.grown.x2 - crop.grown.x1, box_height = crop.grown.y2 - crop.grown.y1;
  const float full_height = std::max(box_width * ratio, box_height);
  const float full_width = full_height * inverse_ratio;
  const float center_x = (crop.grown.x2 - 1 - crop.grown.x1) / 2,
              center_y = (crop.grown.y2 - 1 - crop.grown.y1) / 2;
  const float rows = static_cast<float>(heatmap.height);
  return {cell.x * full_height / rows - std::max(0.0f, (full_width - 1) / 2 - center_x) + crop.grown.x1,
          cell.y * full_height / rows - std::max(0.0f, (full_height - 1) / 2 - center_y) + crop.grown.y1};
}

}  // namespace pose
