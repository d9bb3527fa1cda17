#pragma once

#include <opencv2/core/mat.hpp>
#include <string_view>
#include <vector>

#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// One row of the table of drawing styles: "pose" (ours), "alphapose", "alphapose-fast".
struct DrawingStyle {
  std::string_view name;
  std::string_view help;
  /// Returns the annotated picture; `bgr` is left alone.
  cv::Mat (*draw)(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton);
};

/// The outlines of boxes, the stronger the surer. Returns the annotated picture; `bgr` is left alone. Throws
/// `kUsage` for a picture that is none.
cv::Mat draw_boxes(const cv::Mat& bgr, const std::vector<Detection>& boxes);

/// Throws `kUsage` with the nearest name.
const DrawingStyle& drawing_style(std::string_view name);

}  // namespace pose
