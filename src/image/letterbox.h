#pragma once

#include <opencv2/core/mat.hpp>

#include "pose/blob.h"
#include "pose/image.h"

namespace pose {

/// Where a photo lies on the square canvas of a letterbox, canvas pixels.
struct LetterboxPlace {
  Size resized;
  int x = 0, y = 0;
};

// All throw `kUsage` for pictures that are none (empty, grey, 16 bits) and sides below 1.

/// Source: src/image/README.md, 1 (the scale in f64, sides cut, at least one pixel).
LetterboxPlace letterbox_place(Size photo, int side);

/// The photo shrunk or grown to fit a square of `side` pixels (cubic), centred on grey 128:
/// `[3, side, side]` f32 RGB in 0..1.
Blob letterbox(const cv::Mat& bgr, int side);

/// The photo stretched to `size` (bilinear): `[3, height, width]` f32 RGB in 0..1.
Blob stretch(const cv::Mat& bgr, Size size);

}  // namespace pose
