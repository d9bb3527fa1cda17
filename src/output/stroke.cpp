#include "output/stroke.h"

#include <algorithm>
#include <cmath>

namespace pose {
namespace {

constexpr float kShadowOpacity = 0.55f;
constexpr float kMiddleLight = 0.22f;  // how much white is mixed in along the middle of a stroke

/// Where a pixel lies with respect to a stroke.
struct Position {
  float along = 0;     ///< 0 at `a`, 1 at `b`
  float distance = 0;  ///< from the middle line, pixels
  float radius = 0;    ///< of the stroke there
};

float mix(float a, float b, float t) { return a + (b - a) * t; }

/// Columns of row `y` that a stroke of half width `reach` can touch: the part of the middle line that is near
/// the row, widened. First > last: none.
void columns_near(const Stroke& s, float y, float reach, float& first, float& last) {
  const float dx = s.b.x - s.a.x, dy = s.b.y - s.a.y;
  float t0 = 0, t1 = 1;
  if (std::abs(dy) > 1e-3f) {
    t0 = std::clamp((y - reach - s.a.y) / dy, 0.0f, 1.0f);
    t1 = std::clamp((y + reach - s.a.y) / dy, 0.0f, 1.0f);
  }
  const float x0 = s.a.x + t0 * dx, x1 = s.a.x + t1 * dx;
  first = std::min(x0, x1) - reach;
  last = std::max(x0, x1) + reach;
}

/// Calls `shade(pixel, position)` for the pixels of the picture that may be within `reach` of the outline.
template <typename Shade>
void for_pixels(cv::Mat& picture, const Stroke& s, float reach, Shade shade) {
  const float dx = s.b.x - s.a.x, dy = s.b.y - s.a.y, length_sq = dx * dx + dy * dy;
  const float inverse = length_sq > 1e-6f ? 1 / length_sq : 0;
  const float outer = std::max(s.a.radius, s.b.radius) + reach;
  const auto first_in = [](float at) { return static_cast<int>(std::max(std::ceil(at), 0.0f)); };
  const auto last_in = [](float at, int count) {
    return static_cast<int>(std::min(std::floor(at), static_cast<float>(count - 1)));
  };
  const int top = first_in(std::min(s.a.y, s.b.y) - outer),
            bottom = last_in(std::max(s.a.y, s.b.y) + outer, picture.rows);
  for (int y = top; y <= bottom; ++y) {
    float first = 0, last = 0;
    columns_near(s, static_cast<float>(y), outer, first, last);
    const int from = first_in(first), to = last_in(last, picture.cols);
    cv::Vec3b* row = picture.ptr<cv::Vec3b>(y);
    for (int x = from; x <= to; ++x) {
      const float px = static_cast<float>(x) - s.a.x, py = static_cast<float>(y) - s.a.y;
      Position at;
      at.along = std::clamp((px * dx + py * dy) * inverse, 0.0f, 1.0f);
      at.radius = mix(s.a.radius, s.b.radius, at.along);
      const float ox = px - at.along * dx, oy = py - at.along * dy, distance_sq = ox * ox + oy * oy;
      const float limit = at.radius + reach;
      if (distance_sq >= limit * limit) continue;
      at.distance = std::sqrt(distance_sq);
      shade(row[x], at);
    }
  }
}

void blend(cv::Vec3b& pixel, const cv::Vec3f& color, float opacity) {
  for (int c = 0; c < 3; ++c)
    pixel[c] = static_cast<std::uint8_t>(std::clamp(mix(pixel[c], color[c], opacity) + 0.5f, 0.0f, 255.0f));
}

}  // namespace

void paint_stroke(cv::Mat& picture, const Stroke& stroke) {
  const cv::Vec3f color_step = stroke.b.color - stroke.a.color;
  for_pixels(picture, stroke, 0.5f, [&](cv::Vec3b& pixel, const Position& at) {
    const float cover = std::min(at.radius + 0.5f - at.distance, 1.0f) * std::min(2 * at.radius, 1.0f);
    const float inward = 1 - at.distance / (at.radius + 0.5f);
    const float light = kMiddleLight * inward * inward;
    cv::Vec3f color = stroke.a.color + color_step * at.along;
    color += (cv::Vec3f(255, 255, 255) - color) * light;
    blend(pixel, color, cover * mix(stroke.a.opacity, stroke.b.opacity, at.along));
  });
}

void paint_shadow(cv::Mat& picture, const Stroke& stroke, float reach) {
  for_pixels(picture, stroke, reach, [&](cv::Vec3b& pixel, const Position& at) {
    const float rest = std::clamp((at.radius + reach - at.distance) / reach, 0.0f, 1.0f);
    const float fade = rest * rest * (3 - 2 * rest);
    blend(pixel, {12, 10, 8}, kShadowOpacity * fade * mix(stroke.a.opacity, stroke.b.opacity, at.along));
  });
}

}  // namespace pose
