#pragma once

#include "pose/blob.h"

namespace pose {

/// Throws `kUsage` unless `maps` is `[channels, h, w]` with at least `joints` channels, `kMismatch` if one of
/// the first `joints` maps has a number that is not finite.
void check_heatmaps(const Blob& maps, int joints);

}  // namespace pose
