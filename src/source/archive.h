#pragma once

#include <string>

namespace pose {

/// Whether a file is a tar (plain, or compressed with gzip, zstd, xz or bzip2) or zip archive, by its
/// content.
bool is_archive(const std::string& path);

}  // namespace pose
