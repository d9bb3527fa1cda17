#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pose {

/// The bytes of a file, not owned; reads outside give 0, so that broken headers end as sides of 0.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  std::uint64_t at(std::size_t i) const { return i < size_ ? data_[i] : 0; }
  std::uint64_t big(std::size_t i, int count) const {
    std::uint64_t value = 0;
    for (int k = 0; k < count; ++k) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  std::uint64_t little(std::size_t i, int count) const {
    std::uint64_t value = 0;
    for (int k = count; k-- > 0;) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  bool has(std::string_view text, std::size_t offset = 0) const {
    return offset <= size_ && size_ - offset >= text.size() &&
           std::memcmp(data_ + offset, text.data(), text.size()) == 0;
  }
  /// What of `count` bytes from `start` on is there.
  Bytes part(std::size_t start, std::size_t count = SIZE_MAX) const {
    start = std::min(start, size_);
    return {data_ + start, std::min(count, size_ - start)};
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

}  // namespace pose
