#pragma once

#include <chrono>

#include "pose/pipeline.h"

namespace pose {

/// Adds its life time to one stage.
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
