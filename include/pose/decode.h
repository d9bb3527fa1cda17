#pragma once

#include <string_view>
#include <vector>

#include "pose/blob.h"
#include "pose/crop.h"
#include "pose/person.h"

namespace pose {

/// A peak on one heatmap, in cells.
struct Peak {
  float x = 0, y = 0, score = 0;
};

/// One map: `height * width` f32, row-major.
struct HeatmapView {
  const float* data = nullptr;
  int width = 0, height = 0;
  float at(int y, int x) const { return data[y * width + x]; }
};

/// One row of the table of decoders: a map to its refined peak. Rows: alphapose (includes the +0.2),
/// quarter-shift, argmax, dark. Source: src/decode/README.md, 1-3.
struct Decoder {
  std::string_view name;
  std::string_view help;
  Peak (*find_peak)(const HeatmapView& map);
};

/// Throws `kUsage` with the nearest name.
const Decoder& decoder(std::string_view name);

/// `maps` = `[channels, h, w]`; the first `joints` channels are decoded and mapped to the photo. Throws
/// `kUsage` (maps of another shape, more joints than channels), `kMismatch` (maps with numbers that are not
/// finite).
std::vector<Joint> decode(const Blob& maps, int joints, const Crop& crop, const Decoder& decoder);

/// AlphaPose's multi-peak decoding for all people of one photo together (src/decode/README.md, 5-6): replaces
/// both `decode` and pose NMS. `maps[i]`, `crops[i]`, `detections[i]` belong together; 17 COCO joints, crops
/// of AlphaPose's kind. Throws `kUsage`, `kMismatch` like `decode`.
std::vector<Person> match_people(const std::vector<Blob>& maps, const std::vector<Crop>& crops,
                                 const std::vector<Detection>& detections);

/// Averages `maps` `[n, c, h, w]` with the maps of the mirrored input (`mirrored`, same shape, before any
/// flipping back): reverses the width axis, swaps `pairs`, with `shift` moves one column right (column 0
/// stays), then `(a + b) * 0.5` in f32. Result in `maps`. Throws `kUsage` for other shapes and for pairs that
/// are no channels. Source: src/decode/README.md, 4.
void average_flip_test(Blob& maps, const Blob& mirrored, const std::vector<std::pair<int, int>>& pairs,
                       bool shift);

}  // namespace pose
