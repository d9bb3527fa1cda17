#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pose {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

/// "F32", "BF16", ... (the spelling of safetensors).
std::string_view to_string(DType dtype);
/// Bytes of one element.
std::size_t size_of(DType dtype);

/// One tensor inside a weight file: a view, the bytes belong to the `TensorFile`.
struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;     ///< empty for a scalar
  std::vector<std::int64_t> strides;   ///< in elements, one per dimension; not always row-major
  const std::uint8_t* data = nullptr;  ///< the first element (may be unaligned), little-endian
  std::string storage;                 ///< which storage of the file it lies in; equal for shared storages
  std::string location;                ///< device recorded in the file ("cpu", "cuda:0"), "" if none

  std::int64_t elements() const;
  bool contiguous() const;  ///< row-major without gaps
};

/// Named tensors of one weight file, in the order of the file. Every view was proved to lie inside
/// the file before this object existed. Cheap to copy: the mapped file is shared.
class TensorFile {
 public:
  TensorFile() = default;
  /// `owner` keeps the bytes behind the views alive (a mapped file, a buffer).
  /// Throws `kFormat` if two tensors have the same name.
  TensorFile(std::string format, std::vector<TensorView> tensors, std::shared_ptr<const void> owner);

  /// Row of the table of formats that read it: "pth-zip", "pth-legacy", "safetensors", "darknet".
  const std::string& format() const { return format_; }
  const std::vector<TensorView>& tensors() const { return tensors_; }
  /// The tensor of that name or nullptr. O(log n).
  const TensorView* find(std::string_view name) const;

 private:
  std::string format_;
  std::vector<TensorView> tensors_;
  std::vector<std::size_t> by_name_;
  std::shared_ptr<const void> owner_;
};

/// Opens a weight file of any format in the table of formats; the content decides, never the name.
/// Throws `kNotFound`, `kIo`, `kFormat` (damaged or hostile), `kUnsupported` (a format that holds no
/// named tensors on its own: TorchScript, Darknet `.weights`).
TensorFile open_tensor_file(const std::string& path);

/// Writes the elements of `view` as f32 in row-major order to `out` (`view.elements()` floats).
/// All dtypes are converted; strides are honoured.
void copy_as_f32(const TensorView& view, float* out);

}  // namespace pose
