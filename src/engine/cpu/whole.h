#pragma once

#include <cstdint>

namespace pose::cpu {

/// The least multiple of `unit` that is not below `count`. Not for the loops themselves (kernels.h).
inline std::int64_t whole(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

}  // namespace pose::cpu
