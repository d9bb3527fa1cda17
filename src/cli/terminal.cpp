#include "cli/terminal.h"

namespace pose {
namespace {

std::string escaped(unsigned char c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  char text[8];
  std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned>(c));
  return text;
}

}  // namespace

std::string for_terminal(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t k) {
      return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
    };
    const bool new_line = text.substr(i, 3) == "\n  ";
    // U+0080 to U+009F are control characters too.
    const bool high_control = byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    if (high_control)
      shown += escaped(static_cast<unsigned char>(text[++i]));
    else if (!new_line && (byte(i) < 0x20 || byte(i) == 0x7F))
      shown += escaped(static_cast<unsigned char>(text[i]));
    else
      shown += text[i];
  }
  return shown;
}

void say(std::string_view text, std::FILE* to) { std::fprintf(to, "pose: %s\n", for_terminal(text).c_str()); }

std::string counted(std::size_t count, const std::string& one, const std::string& more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

}  // namespace pose
