#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pose/error.h"
#include "weights/formats.h"

namespace pose::test {

/// A literal with all its bytes, zeros too.
template <std::size_t N>
std::string raw(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

/// Opens bytes that a test made. The buffer has exactly that size, so that the address sanitizer sees reads
/// behind it.
inline TensorFile open_bytes(const std::string& bytes) {
  auto copy = std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
  return read_tensor_bytes({copy->data(), copy->size(), "FILE", copy});
}

/// Expects an error of that kind whose message contains `part`.
inline void expect_refused(const std::string& bytes, ErrorKind kind, const std::string& part) {
  try {
    open_bytes(bytes);
    FAIL() << "was read; expected: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

inline std::vector<float> values_of(const TensorFile& file, const std::string& name) {
  const TensorView* view = file.find(name);
  if (!view) return {};
  std::vector<float> values(static_cast<std::size_t>(view->elements()));
  copy_as_f32(*view, values.data());
  return values;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace pose::test
