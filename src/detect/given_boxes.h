#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pose/detection.h"

namespace pose {

/// Boxes of a COCO-style list, by what their `image_id` was.
struct GivenBoxes {
  std::map<std::string, std::vector<Detection>, std::less<>> by_name;
  std::map<std::int64_t, std::vector<Detection>> by_number;

  /// Best first; nullptr if the list has nothing for the photo `name`. Looked for are: the name itself, the
  /// name without folders, and its COCO number ("COCO_val2014_000000000042.jpg" -> 42).
  const std::vector<Detection>* find(const std::string& name) const;
};

/// Takes `[{"image_id", "category_id", "bbox": [x, y, w, h], "score"}, ...]`; entries of other categories
/// than 1 and with a score below `conf` are left out. `file` is the name for messages. Throws `kFormat` with
/// the place in the JSON. Source: src/detect/README.md, 7.
GivenBoxes parse_given_boxes(std::string_view json, const std::string& file, float conf);

}  // namespace pose
