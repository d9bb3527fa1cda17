#pragma once

#include <algorithm>

namespace pose {

struct Size {
  int width = 0, height = 0;
};

/// A rectangle by its corners, in pixels; x to the right, y down. Which convention the right and bottom
/// edges follow (last pixel or one behind it) is said by the stage that makes it.
struct Box {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;

  float width() const { return x2 - x1; }
  float height() const { return y2 - y1; }
};

/// A rectangle by its left upper corner and its sides, in f64: as files give boxes.
struct Rect {
  double x = 0, y = 0, width = 0, height = 0;

  /// Each rounded to f32 once.
  Box corners() const {
    return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + width),
            static_cast<float>(y + height)};
  }
};

inline Rect rect_of(const Box& box) {
  return {box.x1, box.y1, double{box.x2} - box.x1, double{box.y2} - box.y1};
}

/// Intersection over union with `extra` added to every side length (AlphaPose adds 1, Darknet 0). f32.
inline float iou(const Box& a, const Box& b, float extra) {
  const float iw = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + extra, 0.0f);
  const float ih = std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + extra, 0.0f);
  const float inter = iw * ih;
  const float area_a = (a.x2 - a.x1 + extra) * (a.y2 - a.y1 + extra);
  const float area_b = (b.x2 - b.x1 + extra) * (b.y2 - b.y1 + extra);
  return inter / (area_a + area_b - inter);
}

}  // namespace pose
