#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

// The functions behind the table of drawing styles; all leave `bgr` alone, leave out people with another
// number of joints than the skeleton, and throw `kUsage` for pictures that are none (empty, grey, 16 bits).

cv::Mat draw_pose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton);
/// Source: src/output/README.md, 1-3; people need COCO's 17 joints (others are drawn in our own style).
cv::Mat draw_alphapose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton);
cv::Mat draw_alphapose_fast(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton);

}  // namespace pose
