#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "pose/tensor_file.h"

namespace pose {

/// IEEE half precision by its bits.
float f16_to_f32(std::uint16_t bits);
/// Rounds to the nearest, ties to even; overflow gives infinity.
std::uint16_t f32_to_f16(float value);

/// The elements of `view` in row-major order, in its own type: `elements * size_of(dtype)` bytes.
void copy_contiguous(const TensorView& view, std::uint8_t* out);

}  // namespace pose
