#include "decode/heatmaps.h"

#include <string>

#include "base/finite.h"
#include "pose/error.h"

namespace pose {

void check_heatmaps(const Blob& maps, int joints) {
  if (maps.shape().size() != 3 || maps.dim(1) < 1 || maps.dim(2) < 1)
    throw Error::usage("heatmaps must be a blob [channels, height, width] with at least one cell");
  if (joints < 1 || joints > maps.dim(0))
    throw Error::usage("cannot decode " + std::to_string(joints) + " joints from " +
                       std::to_string(maps.dim(0)) + " heatmaps");
  for (int j = 0; j < joints; ++j)
    if (!all_finite(maps[j].data(), maps.dim(1) * maps.dim(2)))
      throw Error::mismatch("the pose network gave numbers that are not finite (heatmap " +
                            std::to_string(j) +
                            "); do its weights and the model card belong together, and does the device "
                            "compute in full precision?");
}

}  // namespace pose
