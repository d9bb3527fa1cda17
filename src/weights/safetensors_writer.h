#pragma once

#include <string>

#include "pose/tensor_file.h"

namespace pose {

enum class FloatWidth { kKeep, kHalf };

/// Writes all tensors of `file` as safetensors, atomically, in their order, row-major and each for itself
/// even where they shared a storage. `kHalf` turns floating point tensors into F16. Throws `kIo`.
void write_safetensors(const std::string& path, const TensorFile& file, FloatWidth width = FloatWidth::kKeep);

}  // namespace pose
