#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pose {

/// Whether the bytes begin as gzip's do, whatever the file is called.
bool is_gzip(const std::vector<std::uint8_t>& bytes);

/// What was compressed; several members one after another are one text, as `cat a.gz b.gz` makes them.
/// `file` is the name for messages. Throws `kFormat` (damaged, cut off), `kUnsupported` (more than `most`
/// bytes: small files can hold very large ones).
std::vector<std::uint8_t> gunzip(const std::vector<std::uint8_t>& bytes, std::size_t most,
                                 const std::string& file);

}  // namespace pose
