#pragma once

#include <string>
#include <string_view>

#include "weights/views.h"

namespace pose {

/// A row of the table of weight file formats: a new format is one row, one reader and one test.
struct WeightFormat {
  std::string_view name;
  bool (*recognises)(const WeightBytes& file);  ///< looks at the content, may throw `kFormat`
  WeightContent (*read)(const WeightBytes& file);
  /// "" for formats with named tensors; otherwise why such a file cannot be opened by itself and what to do.
  std::string_view refusal;
};

/// The bytes of a file, mapped. Throws `kNotFound`, `kIo`.
WeightBytes map_weight_file(const std::string& path);

/// The first row of the table that recognises the bytes. Throws `kFormat` if none does; files that people
/// have by accident (a web page, a Git LFS pointer, an empty download) are named.
const WeightFormat& recognise_format(const WeightBytes& file);

/// Whether the file is a TorchScript program. Throws `kNotFound`, `kIo`, `kFormat` for broken zip archives.
bool is_torchscript(const std::string& path);

/// Reads the bytes of any format with named tensors: `open_tensor_file` without the file.
TensorFile read_tensor_bytes(const WeightBytes& file);

}  // namespace pose
