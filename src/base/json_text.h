#pragma once

#include <string>
#include <string_view>

namespace pose {

/// `text` as a JSON string with its quotes, in ASCII. File names may hold any bytes, JSON only Unicode: a
/// byte that is no UTF-8 becomes the code point U+EF00 + byte of the private use area, which every strict
/// reader takes. A text that has U+EF80 to U+EFFF itself has them written byte by byte in the same way, so
/// that `from_json_text` gives back every text as it was.
std::string json_string(std::string_view text);

/// The text that `json_string` was given, from what a JSON reader makes of it (UTF-8).
std::string from_json_text(std::string_view text);

}  // namespace pose
