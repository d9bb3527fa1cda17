#pragma once

#include <string>
#include <string_view>

namespace pose {

/// `text` as a JSON string with its quotes, in ASCII. Bytes that are no UTF-8 become lone surrogates
/// (U+DC80..U+DCFF), as Python's file names do, so that no name is lost.
std::string json_string(std::string_view text);

}  // namespace pose
