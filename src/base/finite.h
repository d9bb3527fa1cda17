#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace pose {

/// Whether none of the numbers is infinite or no number. Compares bits, because that is what compilers turn
/// into a few instructions for many numbers at once.
inline bool all_finite(const float* values, std::int64_t count) {
  constexpr std::uint32_t kWithoutSign = 0x7fffffff, kInfinity = 0x7f800000;
  std::uint32_t greatest = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    greatest = std::max(greatest, bits & kWithoutSign);
  }
  return greatest < kInfinity;
}

}  // namespace pose
