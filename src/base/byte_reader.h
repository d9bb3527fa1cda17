#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "pose/error.h"

namespace pose {

/// Walks over bytes that nobody vouches for: knows how many remain, and throws `kFormat` instead of reading
/// past the end. Numbers are little-endian.
class ByteReader {
 public:
  /// `what` names the bytes in messages: "FILE" or "FILE (archive/data.pkl)". The bytes must outlive the
  /// reader.
  ByteReader(const std::uint8_t* data, std::size_t size, std::string what)
      : data_(data), size_(size), what_(std::move(what)) {}

  const std::string& what() const { return what_; }
  std::size_t size() const { return size_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return size_ - position_; }

  void seek(std::uint64_t position) {
    if (position > size_)
      fail("points to byte " + std::to_string(position) + ", behind the end of " + std::to_string(size_) +
           " bytes");
    position_ = static_cast<std::size_t>(position);
  }

  /// The next `count` bytes.
  const std::uint8_t* take(std::uint64_t count) {
    if (count > remaining())
      fail("needs " + std::to_string(count) + " more bytes, but only " + std::to_string(remaining()) +
           " are left (truncated or damaged file?)");
    const std::uint8_t* bytes = data_ + position_;
    position_ += static_cast<std::size_t>(count);
    return bytes;
  }

  template <typename T>
  T read() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

  std::string_view text(std::uint64_t count) {
    const auto* bytes = reinterpret_cast<const char*>(take(count));
    return {bytes, static_cast<std::size_t>(count)};
  }

  /// The text up to the next line feed, which is skipped.
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(data_) + position_, remaining());
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) fail("a line without an end");
    position_ += end + 1;
    return rest.substr(0, end);
  }

  /// `kFormat`: "WHAT, byte N: MESSAGE".
  [[noreturn]] void fail(const std::string& message) const {
    throw Error::format(what_ + ", byte " + std::to_string(position_) + ": " + message);
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t position_ = 0;
  std::string what_;
};

}  // namespace pose
