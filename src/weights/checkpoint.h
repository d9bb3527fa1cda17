#pragma once

#include "pose/tensor_file.h"

namespace pose {

/// The same tensors under the names that our networks give them, whoever wrote the checkpoint: without
/// "module." (nn.DataParallel), then without "backbone." (mmpose; kept where the file has a "neck.", as
/// detection networks do), and with mmpose's "keypoint_head." or "head." removed from "final_layer." and
/// "deconv_layers.". Throws `kFormat` if two names become one. Source: src/weights/README.md, 5.
TensorFile canonical(const TensorFile& file);

}  // namespace pose
