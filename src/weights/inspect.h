#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pose/tensor_file.h"

namespace pose {

/// Everything that can be said of a weight file without knowing its network.
struct WeightFileInfo {
  std::string path;
  std::string
      format;  ///< row of the table of formats, also "torchscript" and "darknet", which have no tensors here
  std::uint64_t file_bytes = 0;
  std::string sha256;
  /// About the container, in the order to show them: ("pickle protocol", "2"), ("archive name", "archive"),
  /// ...
  std::vector<std::pair<std::string, std::string>> facts;
  TensorFile tensors;
  std::int64_t parameters = 0;    ///< elements of all tensors
  std::int64_t tensor_bytes = 0;  ///< of all tensors, each counted for itself where they share storages
};

/// Reads any file of the table of formats. Throws as `open_tensor_file`, but TorchScript and Darknet files
/// are described.
WeightFileInfo inspect_weight_file(const std::string& path);

}  // namespace pose
