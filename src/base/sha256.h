#pragma once

#include <string>

namespace pose {

/// SHA-256 of a file's bytes, lower-case hex. Throws `kNotFound`, `kIo`.
std::string sha256_of_file(const std::string& path);

}  // namespace pose
