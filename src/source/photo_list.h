#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pose {

/// The names in a list: one a line, as bytes; line ends of Windows and empty lines do not count. `file` is
/// the list's name for messages. Throws `kFormat` for text with zero bytes (UTF-16, `find -print0`): no
/// file's name has one.
std::vector<std::string> parse_photo_list(std::string_view text, const std::string& file);

/// The same of a list in which every name ends with a NUL: names may hold line ends.
std::vector<std::string> parse_photo_list0(std::string_view text);

}  // namespace pose
