#pragma once

#include <opencv2/core/mat.hpp>

#include "pose/error.h"

namespace pose {

/// What every stage takes, checked where a caller hands it over. Throws `kUsage`.
inline void check_picture(const cv::Mat& bgr) {
  if (bgr.dims != 2 || bgr.empty() || bgr.type() != CV_8UC3)
    throw Error::usage("a picture must have pixels of 8 bits and three channels (BGR), as read_image gives");
}

}  // namespace pose
