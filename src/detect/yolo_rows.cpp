#include "detect/yolo_rows.h"

#include <cmath>
#include <string>

#include "pose/error.h"

namespace pose {
namespace {

constexpr int kBoxColumns = 5;  // cx, cy, w, h, objectness

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

/// What a yolo section does with the numbers of its map.
struct Plain {
  static float share(float t) { return sigmoid(t); }
  static float times_anchor(float t) { return std::exp(t); }
};
struct NewCoords {
  static float share(float t) { return t; }
  static float times_anchor(float t) { return t * t * 4; }
};

/// Anchor side in cells: divided in double, kept in float, as the reference does.
float in_cells(float anchor, float stride) {
  return static_cast<float>(static_cast<double>(anchor) / static_cast<double>(stride));
}

template <typename Coords>
void append_section(const Blob& map, const YoloHead& head, Size input, float min_objectness, YoloRows& rows) {
  const std::int64_t height = map.dim(1), width = map.dim(2), cells = height * width;
  const float stride_x = static_cast<float>(input.width) / static_cast<float>(width);
  const float stride_y = static_cast<float>(input.height) / static_cast<float>(height);
  const float scale = head.scale_x_y, shift = 0.5f * (scale - 1.0f);
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    for (std::size_t a = 0; a < head.anchors_w.size(); ++a) {
      const float* t =
          map.data() + static_cast<std::int64_t>(a) * (kBoxColumns + head.classes) * cells + cell;
      const float objectness = Coords::share(t[4 * cells]);
      if (!(objectness >= min_objectness)) continue;
      const auto x = static_cast<float>(cell % width), y = static_cast<float>(cell / width);
      rows.values.insert(
          rows.values.end(),
          {(Coords::share(t[0]) * scale - shift + x) * stride_x,
           (Coords::share(t[cells]) * scale - shift + y) * stride_y,
           Coords::times_anchor(t[2 * cells]) * in_cells(head.anchors_w[a], stride_x) * stride_x,
           Coords::times_anchor(t[3 * cells]) * in_cells(head.anchors_h[a], stride_y) * stride_y,
           objectness});
      for (int c = 0; c < head.classes; ++c)
        rows.values.push_back(Coords::share(t[(kBoxColumns + c) * cells]));
    }
  }
}

void check(const std::vector<Blob>& maps, const std::vector<YoloHead>& heads) {
  bool fits = maps.size() == heads.size() && !heads.empty();
  for (std::size_t i = 0; fits && i < maps.size(); ++i) {
    const auto channels =
        static_cast<std::int64_t>(heads[i].anchors_w.size()) * (kBoxColumns + heads[i].classes);
    fits = maps[i].shape().size() == 3 && maps[i].dim(0) == channels && heads[i].classes == heads[0].classes;
  }
  if (!fits) throw Error::mismatch("the maps of the detector do not fit its yolo sections");
}

}  // namespace

YoloRows decode_yolo(const std::vector<Blob>& maps, const std::vector<YoloHead>& heads, Size input,
                     float min_objectness) {
  check(maps, heads);
  YoloRows rows;
  rows.classes = heads[0].classes;
  for (std::size_t i = 0; i < maps.size(); ++i)
    (heads[i].new_coords ? append_section<NewCoords> : append_section<Plain>)(maps[i], heads[i], input,
                                                                              min_objectness, rows);
  return rows;
}

}  // namespace pose
