#include "base/json_text.h"

#include <cstdint>

namespace pose {
namespace {

/// `unit`: 16 bits of UTF-16.
void append_escape(std::string& out, std::uint32_t unit) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[unit >> shift & 0xF];
}

/// The code point that starts at `i`, and how many bytes it takes; 0 bytes if they are no UTF-8.
std::uint32_t code_point(std::string_view s, std::size_t i, std::size_t& length) {
  const auto byte = [&](std::size_t k) -> std::uint32_t {
    return k < s.size() ? static_cast<std::uint8_t>(s[k]) : 0;
  };
  const std::uint32_t first = byte(i);
  length = first < 0x80 ? 1 : (first >> 5) == 6 ? 2 : (first >> 4) == 14 ? 3 : (first >> 3) == 30 ? 4 : 0;
  if (length <= 1) return first;
  std::uint32_t point = first & (0x7Fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) {
      length = 0;
      return 0;
    }
    point = point << 6 | (byte(i + k) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kLeast[length] || point > 0x10FFFF || surrogate) length = 0;
  return point;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 0;
    const std::uint32_t point = code_point(text, i, length);
    if (length == 0) {
      append_escape(out, 0xDC00u + static_cast<std::uint8_t>(text[i]));
      ++i;
      continue;
    }
    i += length;
    if (point == '"' || point == '\\')
      out += {'\\', static_cast<char>(point)};
    else if (point == '\n')
      out += "\\n";
    else if (point == '\r')
      out += "\\r";
    else if (point == '\t')
      out += "\\t";
    else if (point == '\b')
      out += "\\b";
    else if (point == '\f')
      out += "\\f";
    else if (point < 0x20 || (point > 0x7F && point < 0x10000))
      append_escape(out, point);
    else if (point < 0x80)
      out += static_cast<char>(point);
    else {
      append_escape(out, 0xD7C0u + (point >> 10));
      append_escape(out, 0xDC00u + (point & 0x3FF));
    }
  }
  return out + "\"";
}

}  // namespace pose
