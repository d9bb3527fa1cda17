#pragma once

#include <opencv2/core/mat.hpp>

namespace pose {

/// One end of a stroke. Pixels of the picture, centres at whole numbers.
struct StrokeEnd {
  float x = 0, y = 0;
  float radius = 0;
  float opacity = 1;  ///< 0..1
  cv::Vec3f color;    ///< BGR, 0..255
};

/// A line with round ends whose width, colour and opacity run evenly from `a` to `b`; a disc where both are
/// equal.
struct Stroke {
  StrokeEnd a, b;
};

/// Paints the stroke, smooth to a fraction of a pixel, lighter along its middle. What lies outside the
/// picture is left out; the cost is that of the pixels touched. `picture`: u8 BGR.
void paint_stroke(cv::Mat& picture, const Stroke& stroke);

/// Darkens what lies under and up to `reach` pixels around the stroke, fading outwards, so that it stands out
/// from any background.
void paint_shadow(cv::Mat& picture, const Stroke& stroke, float reach);

}  // namespace pose
