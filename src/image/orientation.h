#pragma once

#include <opencv2/core/mat.hpp>
#include <string_view>

#include "image/bytes.h"

namespace pose {

// How a picture lies, as EXIF numbers it: 1 upright to 8; 1 for whatever cannot be understood.

/// From an EXIF block, which is a TIFF file without pixels; an "Exif\0\0" before it is skipped.
int exif_orientation(Bytes exif);

/// From an XMP packet.
int xmp_orientation(std::string_view xmp);

/// The picture upright.
cv::Mat turn_upright(const cv::Mat& picture, int orientation);

}  // namespace pose
