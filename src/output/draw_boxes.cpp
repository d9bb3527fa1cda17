#include <algorithm>
#include <cmath>

#include "image/check_picture.h"
#include "output/stroke.h"
#include "pose/output.h"

namespace pose {
namespace {

// Half the width of the line, as a part of the box's longer side.
constexpr float kRadiusPerSide = 1.0f / 200, kLeastRadius = 0.6f, kGreatestRadius = 4;
constexpr float kLeastOpacity = 0.4f, kGreatestOpacity = 0.95f, kShadowWidth = 1.3f;
const cv::Vec3f kColor(10, 178, 255);

std::vector<Stroke> outline_of(const Detection& d, const cv::Size& picture) {
  const auto x = [&](float v) { return std::clamp(v, 0.0f, static_cast<float>(picture.width)); };
  const auto y = [&](float v) { return std::clamp(v, 0.0f, static_cast<float>(picture.height)); };
  const float left = x(d.box.x1), top = y(d.box.y1), right = x(d.box.x2), bottom = y(d.box.y2);
  const float side = std::max(right - left, bottom - top);
  const float radius = std::clamp(side * kRadiusPerSide, kLeastRadius, kGreatestRadius);
  const float opacity = kLeastOpacity + (kGreatestOpacity - kLeastOpacity) * std::clamp(d.score, 0.0f, 1.0f);
  const auto corner = [&](float cx, float cy) { return StrokeEnd{cx, cy, radius, opacity, kColor}; };
  const StrokeEnd a = corner(left, top), b = corner(right, top), c = corner(right, bottom),
                  e = corner(left, bottom);
  return {{a, b}, {b, c}, {c, e}, {e, a}};
}

}  // namespace

cv::Mat draw_boxes(const cv::Mat& bgr, const std::vector<Detection>& boxes) {
  check_picture(bgr);
  cv::Mat result = bgr.clone();
  for (const Detection& d : boxes) {
    const std::vector<Stroke> outline = outline_of(d, bgr.size());
    for (const Stroke& s : outline) paint_shadow(result, s, std::max(kShadowWidth * s.a.radius, 1.0f));
    for (const Stroke& s : outline) paint_stroke(result, s);
  }
  return result;
}

}  // namespace pose
