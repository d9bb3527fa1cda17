#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/binding.h"
#include "pose/tensor_file.h"

namespace pose::test {

/// A tensor to be written, row-major.
struct SavedTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

SavedTensor saved_tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                         const std::vector<float>& values);

/// All weights of a graph under its keys, plus the `num_batches_tracked` counters that PyTorch would write
/// beside every `running_var`.
std::vector<SavedTensor> saved_tensors(const BoundGraph& graph);

/// The bytes of a pickle, one opcode after the other. Protocol 2 to start with.
class PickleWriter {
 public:
  explicit PickleWriter(int protocol = 2);
  PickleWriter& op(std::string_view code) { return bytes_ += code, *this; }
  PickleWriter& integer(std::int64_t value);
  PickleWriter& text(std::string_view value);
  PickleWriter& global(std::string_view module, std::string_view name);
  PickleWriter& integers(const std::vector<std::int64_t>& values);  ///< a tuple
  /// A tensor: the call of `_rebuild_tensor_v2` on storage `key`.
  PickleWriter& tensor(DType dtype, std::string_view key, std::int64_t storage_elements, std::int64_t offset,
                       const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides);
  /// An ordered dictionary of tensors with a storage each: "0", "1", ...
  PickleWriter& state_dict(const std::vector<SavedTensor>& tensors);
  std::string finish() const { return bytes_ + "."; }

 private:
  std::string bytes_;
};

/// A zip archive of stored entries.
class ZipWriter {
 public:
  /// `alignment`: of the first byte of the data, by an extra field, as PyTorch does.
  void add(const std::string& name, const std::string& data, std::size_t alignment = 1);
  /// With `zip64`, all sizes and offsets of the directory stand in zip64 fields.
  std::string finish(bool zip64 = false) const;

  /// One row of the directory; tests may lie in it before `finish`.
  struct Entry {
    std::string name;
    std::uint16_t method = 0, flags = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed_size = 0, size = 0, offset = 0;
  };
  std::vector<Entry> entries;
  std::string bytes;  ///< local headers and data
};

/// The parts of a zip checkpoint: root/data.pkl, root/byteorder, root/data/N, root/version.
ZipWriter zip_checkpoint(const std::string& pickle, const std::vector<std::string>& storages,
                         const std::string& root = "archive");
/// The parts of a legacy checkpoint around the pickle of its object: storages are (key, elements, bytes).
struct LegacyStorageBytes {
  std::string key;
  std::int64_t elements;
  std::string bytes;
};
std::string legacy_checkpoint(const std::string& pickle, const std::vector<LegacyStorageBytes>& storages);

/// What torch.save makes of a state dict, before PyTorch 1.6 and since.
std::string legacy_pth(const std::vector<SavedTensor>& tensors);
std::string zip_pth(const std::vector<SavedTensor>& tensors);
void write_legacy_pth(const std::string& path, const std::vector<SavedTensor>& tensors);
void write_zip_pth(const std::string& path, const std::vector<SavedTensor>& tensors);

}  // namespace pose::test
