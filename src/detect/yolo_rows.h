#pragma once

#include <vector>

#include "pose/blob.h"
#include "pose/image.h"
#include "pose/yolo_head.h"

namespace pose {

/// Decoded rows of a YOLO network for one photo, `columns()` numbers each: cx, cy, w, h in pixels of the
/// network input, objectness, then the score of every class.
struct YoloRows {
  int classes = 0;
  std::vector<float> values;

  std::size_t columns() const { return static_cast<std::size_t>(classes) + 5; }
  std::size_t size() const { return values.size() / columns(); }
  const float* operator[](std::size_t row) const { return values.data() + row * columns(); }
};

/// Decodes the raw maps `[anchors * (5 + classes), gh, gw]` of one photo, section after section; within a
/// section row `(y * gw + x) * anchors + a`. Rows whose objectness is below `min_objectness` or not a number
/// are left out. Nothing is clamped: w and h may overflow to infinity. Throws `kMismatch` where maps and
/// heads do not fit. Source: src/detect/README.md, 1.
YoloRows decode_yolo(const std::vector<Blob>& maps, const std::vector<YoloHead>& heads, Size input,
                     float min_objectness);

}  // namespace pose
