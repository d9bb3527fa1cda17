#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pose/tensor_file.h"

namespace pose {

/// One tensor of a Darknet `.weights` file; the file itself has neither names nor shapes.
struct DarknetTensor {
  std::string key;  ///< "12.bn.running_mean": number of the section, then the tensor
  std::vector<std::int64_t> shape;
};

/// Takes the tensors of `order` out of the bytes of a `.weights` file, in that order and without copying.
/// `owner` keeps the bytes alive; `file` is the name for messages.
/// Throws `kFormat` (no header), `kMismatch` where the number of floats is not exactly that of `order`: the
/// message says in which section a short file ends, or how much is left over.
TensorFile parse_darknet_weights(const std::uint8_t* data, std::size_t size,
                                 std::shared_ptr<const void> owner, const std::vector<DarknetTensor>& order,
                                 const std::string& file);

/// The same from a file, mapped into memory. Throws `kNotFound` and `kIo` as well.
TensorFile read_darknet_weights(const std::string& path, const std::vector<DarknetTensor>& order);

}  // namespace pose
