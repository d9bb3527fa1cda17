#include "weights/views.h"

#include <algorithm>

#include "pose/error.h"
#include "weights/pickle.h"

namespace pose {
namespace {

/// How often a file may hold each of its bytes in tensors, on average, and what small files may have anyway.
constexpr std::uint64_t kMaxRepeats = 16;
constexpr std::uint64_t kRepeatedBytesAlwaysAllowed = 1 << 20;

/// a * b + c, or false where that is more than 2^63.
bool multiply_add(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t* result) {
  return !__builtin_mul_overflow(a, b, result) && !__builtin_add_overflow(*result, c, result);
}

/// Bytes of the UTF-8 character at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : (lead & 0xF0) == 0xE0       ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (length == 1) return 1;
  // Not the shortest form, surrogates, and above the last character.
  const unsigned char second = byte(1);
  const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                     (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

}  // namespace

std::int64_t checked_elements(const std::vector<std::int64_t>& shape, const std::string& what) {
  if (shape.size() > kMaxDimensions)
    throw Error::format(what + ": " + std::to_string(shape.size()) + " dimensions, more than " +
                        std::to_string(kMaxDimensions));
  std::int64_t elements = 1;  // without empty dimensions, so that no order of multiplying overflows later
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) throw Error::format(what + ": a dimension of " + std::to_string(size));
    empty |= size == 0;
    if (!multiply_add(elements, std::max(size, std::int64_t{1}), 0, &elements))
      throw Error::format(what + ": more elements than can be counted");
  }
  return empty ? 0 : elements;
}

std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0; step *= shape[i]) strides[i] = step;
  return strides;
}

void check_view(const TensorView& view, std::int64_t offset, std::size_t storage_bytes,
                const std::string& what) {
  if (view.strides.size() != view.shape.size())
    throw Error::format(what + ": " + std::to_string(view.shape.size()) + " dimensions but " +
                        std::to_string(view.strides.size()) + " strides");
  const std::int64_t elements = checked_elements(view.shape, what);
  const auto room = static_cast<std::int64_t>(storage_bytes / size_of(view.dtype));
  std::int64_t last = offset;
  bool inside = offset >= 0 && offset <= room;
  for (std::size_t i = 0; i < view.shape.size() && inside; ++i)
    inside = view.strides[i] >= 0 &&
             (elements == 0 || multiply_add(view.shape[i] - 1, view.strides[i], last, &last));
  if (!inside || (elements > 0 && last >= room))
    throw Error::format(what + ": reaches outside its storage of " + std::to_string(storage_bytes) +
                        " bytes");
}

void check_total_size(const std::vector<TensorView>& views, std::size_t file_bytes, const std::string& what) {
  const std::uint64_t allowed = kMaxRepeats * file_bytes + kRepeatedBytesAlwaysAllowed;
  std::uint64_t total = 0;
  for (const TensorView& view : views) {
    const auto elements = static_cast<std::uint64_t>(view.elements());
    if (elements > allowed || (total += elements * size_of(view.dtype)) > allowed)
      throw Error::format(what + ": its tensors claim far more data than the file holds (at '" + view.name +
                          "')");
  }
}

void check_tensor_name(std::string_view name, const std::string& what) {
  if (name.size() > kMaxTensorNameBytes)
    throw Error::format(what + ": a tensor name of " + std::to_string(name.size()) + " bytes");
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    const auto first = static_cast<unsigned char>(rest[0]);
    if (length == 0 || first < 0x20 || first == 0x7F)
      throw Error::format(what + ": a tensor name that is not plain text");
    rest.remove_prefix(length);
  }
}

}  // namespace pose
