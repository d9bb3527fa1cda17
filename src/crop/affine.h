#pragma once

#include <array>

#include "pose/crop.h"

namespace pose {

/// Centre (photo pixels) and scale (units of 200 photo pixels) of a padded crop.
struct CenterScale {
  Point center, scale;
};

/// A box (x, y, w, h) grown to the aspect width / height of the network input and padded by 1.25.
/// Source: src/crop/README.md, 5.
CenterScale center_scale(double x, double y, double w, double h, Size input);

/// 2x3 matrix, row-major, from photo pixels to `output` pixels, or back. `source_width`: of the crop in photo
/// pixels. Source: src/crop/README.md, 6.
std::array<double, 6> affine_matrix(double center_x, double center_y, double source_width,
                                    double rotation_degrees, Size output, bool inverse);

Crop plan_affine_crop(const Box& person, const Rect& exact, Size photo, const InputSpec& input);
Point affine_to_photo(const Crop& crop, Point cell, Size heatmap);

}  // namespace pose
