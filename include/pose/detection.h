#pragma once

#include "pose/box.h"

namespace pose {

/// One person that a detector found. `box` in pixels of the upright photo.
struct Detection {
  Box box;
  float score = 0;        ///< what the rules rank by: objectness (alphapose) or objectness x class (darknet)
  float class_score = 0;  ///< score of the person class alone
  int class_id = 0;
};

}  // namespace pose
