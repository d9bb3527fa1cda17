#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pose/tensor_file.h"

namespace pose {

constexpr std::size_t kMaxTensorNameBytes = 4096;

/// The bytes of a weight file as the readers of the formats take them.
struct WeightBytes {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  std::string what;                   ///< name for messages, usually the path
  std::shared_ptr<const void> owner;  ///< keeps the bytes alive
};

/// What a reader found: the tensors, and facts about the container for people (name, value).
struct WeightContent {
  TensorFile tensors;
  std::vector<std::pair<std::string, std::string>> facts;
};

/// Elements of `shape`. Throws `kFormat` for negative sizes, more than 2^63 elements and too many dimensions.
std::int64_t checked_elements(const std::vector<std::int64_t>& shape, const std::string& what);

/// Strides of a row-major tensor without gaps.
std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape);

/// Proves that a tensor whose first element is number `offset` of its storage stays inside `storage_bytes`.
/// Throws `kFormat`; `what` names file and tensor.
void check_view(const TensorView& view, std::int64_t offset, std::size_t storage_bytes,
                const std::string& what);

/// Proves that all tensors together are not much more than the file: views may share and repeat elements, and
/// a small file must not claim gigabytes in that way. Throws `kFormat`.
void check_total_size(const std::vector<TensorView>& views, std::size_t file_bytes, const std::string& what);

/// Refuses (`kFormat`) names that are too long, not UTF-8 or have control characters: they go to terminals
/// and JSON.
void check_tensor_name(std::string_view name, const std::string& what);

}  // namespace pose
