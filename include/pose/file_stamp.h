#pragma once

#include <cstdint>
#include <vector>

namespace pose {

/// Size and time of a file when it was read: a photo that has changed since has others.
struct FileStamp {
  std::int64_t bytes = -1;       ///< -1: unknown
  std::int64_t modified_ns = 0;  ///< nanoseconds since 1970, UTC

  bool is_known() const { return bytes >= 0; }
  bool operator==(const FileStamp& o) const { return bytes == o.bytes && modified_ns == o.modified_ns; }
};

/// A whole file in memory.
struct FileBytes {
  std::vector<std::uint8_t> bytes;
  FileStamp stamp;  ///< as it was when reading began
};

}  // namespace pose
