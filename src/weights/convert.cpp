#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "pose/error.h"
#include "pose/tensor_file.h"
#include "weights/half.h"

namespace pose {
namespace {

template <typename T>
float read_as_f32(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<float>(value);
}

float half_to_f32(const std::uint8_t* bytes) {
  std::uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return f16_to_f32(bits);
}

float bfloat_to_f32(const std::uint8_t* bytes) {
  std::uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

using ReadElement = float (*)(const std::uint8_t*);

ReadElement reader_of(DType dtype) {
  switch (dtype) {
    case DType::kF64: return &read_as_f32<double>;
    case DType::kF32: return &read_as_f32<float>;
    case DType::kF16: return &half_to_f32;
    case DType::kBF16: return &bfloat_to_f32;
    case DType::kI64: return &read_as_f32<std::int64_t>;
    case DType::kI32: return &read_as_f32<std::int32_t>;
    case DType::kI16: return &read_as_f32<std::int16_t>;
    case DType::kI8: return &read_as_f32<std::int8_t>;
    case DType::kU8:
    case DType::kBool: return &read_as_f32<std::uint8_t>;
  }
  throw Error::internal("unknown element type");
}

/// Calls `visit(offset)` with the element offset of every element in row-major order.
template <typename Visit>
void for_each_offset(const TensorView& view, Visit visit) {
  const std::int64_t count = view.elements();
  std::vector<std::int64_t> index(view.shape.size(), 0);
  std::int64_t offset = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    visit(offset);
    for (std::size_t d = index.size(); d-- > 0;) {
      offset += view.strides[d];
      if (++index[d] < view.shape[d]) break;
      offset -= view.strides[d] * view.shape[d];
      index[d] = 0;
    }
  }
}

}  // namespace

float f16_to_f32(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  float value;
  if (exponent == 31)
    value = mantissa ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  else if (exponent == 0)
    value = std::ldexp(static_cast<float>(mantissa), -24);
  else
    value = std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
  return bits & 0x8000 ? -value : value;
}

std::uint16_t f32_to_f16(float value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00);
  if (magnitude == 0) return sign;
  if (magnitude >= 65520.0f) return static_cast<std::uint16_t>(sign | 0x7C00);
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude = m * 2^exponent, 0.5 <= m < 1
  // The unit in the last place: 2^-24 for subnormal results, otherwise 11 bits of precision. nearbyint rounds
  // half to even.
  const int unit = std::max(exponent - 11, -24);
  const auto steps = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, -unit)));
  // Steps count from the subnormal grid up: adding the biased exponent lets a carry move into it by itself.
  const auto bits = static_cast<std::uint32_t>(unit + 24) * 1024 + steps;
  return static_cast<std::uint16_t>(sign | bits);
}

void copy_as_f32(const TensorView& view, float* out) {
  const std::int64_t count = view.elements();
  if (count == 0) return;
  if (view.contiguous() && view.dtype == DType::kF32) {
    std::memcpy(out, view.data, static_cast<std::size_t>(count) * sizeof(float));
    return;
  }
  const ReadElement read = reader_of(view.dtype);
  const auto size = static_cast<std::int64_t>(size_of(view.dtype));
  for_each_offset(view, [&](std::int64_t offset) { *out++ = read(view.data + offset * size); });
}

void copy_contiguous(const TensorView& view, std::uint8_t* out) {
  const auto size = size_of(view.dtype);
  if (view.contiguous()) {
    if (view.elements() > 0) std::memcpy(out, view.data, static_cast<std::size_t>(view.elements()) * size);
    return;
  }
  for_each_offset(view, [&](std::int64_t offset) {
    std::memcpy(out, view.data + offset * static_cast<std::int64_t>(size), size);
    out += size;
  });
}

}  // namespace pose
