#pragma once

#include <chrono>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "pose/pipeline.h"

namespace pose {

/// One photo on its way through the chain, with what each stage left behind.
struct PhotoJob {
  PhotoRecord result;
  cv::Mat image;
  DetectorInput detector_input;
  DetectorTrace trace;  ///< filled only when stages are dumped
  std::vector<Detection> detections;
  std::vector<Crop> crops;
  std::vector<Blob> heatmaps;  ///< per detection, `[channels, h, w]`
  StageSeconds seconds{};
};

/// Adds the life time of the object to one stage of a photo.
class StageTimer {
 public:
  StageTimer(StageSeconds& seconds, Stage stage) : target_(seconds[static_cast<std::size_t>(stage)]) {}
  ~StageTimer() {
    target_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  double& target_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace pose
