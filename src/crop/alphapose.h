#pragma once

#include <opencv2/core/types.hpp>

#include "pose/crop.h"

namespace pose {

/// The part of the photo that an AlphaPose crop shows, both ends included, and the point triples that define
/// its transform. Source: src/crop/README.md, 3.
struct AlphaPoseCut {
  int left = 0, top = 0, right = 0, bottom = 0;
  cv::Point2f source[3], target[3];
};

AlphaPoseCut alphapose_cut(const Box& grown, Size input);

Crop plan_alphapose_crop(const Box& person, const Rect& exact, Size photo, const InputSpec& input);
Point alphapose_to_photo(const Crop& crop, Point cell, Size heatmap);

}  // namespace pose
