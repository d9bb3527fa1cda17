#pragma once

#include <cstdint>

namespace pose {

/// Size and time of a file when it was read: a photo that has changed since has others.
struct FileStamp {
  std::int64_t bytes = -1;       ///< -1: unknown
  std::int64_t modified_ns = 0;  ///< nanoseconds since 1970, UTC
};

}  // namespace pose
