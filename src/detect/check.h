#pragma once

#include <vector>

#include "pose/detect.h"

namespace pose {

/// Checks what a YOLO detector is to be made of, before any network is there, and returns the number of the
/// person class. Throws as `make_yolo_detector` says.
int check_yolo(const std::vector<YoloHead>& heads, Size input, const DetectorOptions& options);

/// Throws `kUsage` unless `bgr` is what `read_image` gives: 8 bits, three channels, not empty.
void check_picture(const cv::Mat& bgr);

/// Throws `kUsage` unless `value` lies between 0 and 1.
void check_share(float value, const char* what);

}  // namespace pose
