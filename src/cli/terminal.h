#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace pose {

/// `text` as it may be shown: control characters, which names of files can have, become "\n", "\x1b" ...
/// A line ends only where our own messages end one, before two blanks.
std::string for_terminal(std::string_view text);

/// Prints `text` as one message of the program: "pose: TEXT". Every message passes here or through
/// `for_terminal`.
void say(std::string_view text, std::FILE* to = stderr);

/// "1 image", "2 images".
std::string counted(std::size_t count, const std::string& one, const std::string& more);

}  // namespace pose
