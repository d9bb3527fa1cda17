#pragma once

#include <vector>

#include "pose/blob.h"

namespace pose {

/// A network that is ready to run: weights bound, device chosen. Engines implement it; tests replace it.
class Network {
 public:
  virtual ~Network() = default;

  /// Runs a batch `[n, 3, height, width]` f32 and returns the outputs in the order that the architecture
  /// states (pose networks: one, `[n, joints, h, w]`; Darknet: the raw map of every yolo section, in
  /// section order, `[n, anchors * (5 + classes), gh, gw]`). Results live in host memory.
  /// Not thread-safe: one caller at a time.
  /// Throws `kMismatch` for an input shape that the network cannot take.
  virtual std::vector<Blob> forward(const Blob& batch) = 0;
};

}  // namespace pose
