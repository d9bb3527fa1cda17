#pragma once

#include <opencv2/core/mat.hpp>
#include <string_view>
#include <vector>

#include "detect/yolo_rows.h"
#include "pose/detection.h"
#include "pose/image.h"

namespace pose {

/// What the candidates of one photo are chosen by.
struct CandidateQuery {
  Size input;  ///< of the network, pixels
  Size photo;  ///< upright, pixels
  int person_class = 0;
  float conf = 0;
};

/// One row of the table of detector rules: everything around the network that two traditions do differently.
struct DetectorRules {
  std::string_view name;
  std::string_view help;

  /// Pixels of the network input `[3, h, w]` f32, RGB, 0..1.
  Blob (*make_input)(const cv::Mat& bgr, Size input);
  /// The people among the rows before suppression, best first, ties in the order of the rows. Never a box
  /// with a coordinate that is not a number.
  std::vector<Detection> (*candidates)(const YoloRows& rows, const CandidateQuery& query);
  /// The box of a candidate in pixels of the photo.
  Box (*to_photo)(const Box& box, Size input, Size photo);

  bool square_input;      ///< whether the network input must be square
  float iou_extra;        ///< added to every side for the IoU
  bool suppress_equal;    ///< whether an IoU equal to the threshold suppresses
  int second_pass_above;  ///< more people than this in a whole batch: once more with a lower threshold; 0:
                          ///< never
};

/// Throws `kUsage` with the nearest name.
const DetectorRules& detector_rules(std::string_view name);

/// Greedy suppression within each photo of a batch; candidates best first.
/// With `alphapose`, more than 100 people in the batch bring a second run with `nms - 0.05`, whose result
/// stands.
std::vector<std::vector<Detection>> suppress_boxes(const std::vector<std::vector<Detection>>& batch,
                                                   const DetectorRules& rules, float nms);

}  // namespace pose
