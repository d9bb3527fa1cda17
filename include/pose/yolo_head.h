#pragma once

#include <vector>

namespace pose {

/// One yolo section of a Darknet network, as far as decoding needs it.
struct YoloHead {
  std::vector<float> anchors_w, anchors_h;  ///< of the masked anchors, pixels of the network input
  int classes = 0;
  float scale_x_y = 1.0f;
  bool new_coords =
      false;  ///< the network applied the sigmoids itself, and sides are squares (YOLOv4-CSP, YOLOv7)
};

}  // namespace pose
