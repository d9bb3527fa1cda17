#pragma once

#include <optional>

#include "pose/box.h"

namespace pose {

/// One person that a detector found, or a file has a box of. `box` in pixels of the upright photo.
struct Detection {
  Box box;
  float score = 0;        ///< what the rules rank by: objectness (alphapose) or objectness x class (darknet)
  float class_score = 0;  ///< score of the person class alone
  int class_id = 0;
  /// The box as a file has it, to the last bit; `box` is its corners in f32.
  std::optional<Rect> given = std::nullopt;

  Rect rect() const { return given.value_or(rect_of(box)); }
};

}  // namespace pose
