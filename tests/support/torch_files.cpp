#include "support/torch_files.h"

#include <zlib.h>

#include <algorithm>

#include "support/files.h"
#include "weights/views.h"

namespace pose::test {
namespace {

template <typename T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string_view storage_class(DType dtype) {
  switch (dtype) {
    case DType::kF64: return "DoubleStorage";
    case DType::kF32: return "FloatStorage";
    case DType::kF16: return "HalfStorage";
    case DType::kBF16: return "BFloat16Storage";
    case DType::kI64: return "LongStorage";
    case DType::kI32: return "IntStorage";
    case DType::kI16: return "ShortStorage";
    case DType::kI8: return "CharStorage";
    case DType::kU8: return "ByteStorage";
    case DType::kBool: return "BoolStorage";
  }
  return "";
}

std::int64_t elements_of(const SavedTensor& tensor) {
  return static_cast<std::int64_t>(tensor.bytes.size() / size_of(tensor.dtype));
}

std::string small_pickle(std::int64_t value) { return PickleWriter().integer(value).finish(); }

}  // namespace

SavedTensor saved_tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                         const std::vector<float>& values) {
  return {name, DType::kF32, shape,
          std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float))};
}

std::vector<SavedTensor> saved_tensors(const BoundGraph& bound) {
  constexpr std::string_view kVariance = "running_var";
  std::vector<SavedTensor> tensors;
  for (std::size_t n = 0; n < bound.graph.nodes.size(); ++n) {
    const std::vector<Param>& params = bound.graph.nodes[n].params;
    for (std::size_t i = 0; i < params.size(); ++i) {
      const Blob& blob = bound.values[n][i];
      const auto* bytes = reinterpret_cast<const char*>(blob.data());
      tensors.push_back({params[i].key, DType::kF32, blob.shape(),
                         std::string(bytes, static_cast<std::size_t>(blob.elements()) * sizeof(float))});
      const std::size_t at = params[i].key.rfind(kVariance);
      if (at != std::string::npos)
        tensors.push_back(
            {params[i].key.substr(0, at) + "num_batches_tracked", DType::kI64, {}, std::string(8, '\0')});
    }
  }
  return tensors;
}

PickleWriter::PickleWriter(int protocol) : bytes_{'\x80', static_cast<char>(protocol)} {}

PickleWriter& PickleWriter::integer(std::int64_t value) {
  if (value >= 0 && value < 256) return op("K").op(std::string(1, static_cast<char>(value)));
  bytes_ += "\x8a\x08";
  append(bytes_, value);
  return *this;
}

PickleWriter& PickleWriter::text(std::string_view value) {
  bytes_ += 'X';
  append(bytes_, static_cast<std::uint32_t>(value.size()));
  return op(value);
}

PickleWriter& PickleWriter::global(std::string_view module, std::string_view name) {
  return op("c").op(module).op("\n").op(name).op("\n");
}

PickleWriter& PickleWriter::integers(const std::vector<std::int64_t>& values) {
  op("(");
  for (const std::int64_t value : values) integer(value);
  return op("t");
}

PickleWriter& PickleWriter::tensor(DType dtype, std::string_view key, std::int64_t storage_elements,
                                   std::int64_t offset, const std::vector<std::int64_t>& shape,
                                   const std::vector<std::int64_t>& strides) {
  global("torch._utils", "_rebuild_tensor_v2").op("(");
  op("(")
      .text("storage")
      .global("torch", storage_class(dtype))
      .text(key)
      .text("cpu")
      .integer(storage_elements)
      .op("tQ");
  integer(offset).integers(shape).integers(strides);
  return op("\x89").global("collections", "OrderedDict").op(")RtR");
}

PickleWriter& PickleWriter::state_dict(const std::vector<SavedTensor>& tensors) {
  global("collections", "OrderedDict").op(")R(");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const SavedTensor& saved = tensors[i];
    text(saved.name)
        .tensor(saved.dtype, std::to_string(i), elements_of(saved), 0, saved.shape,
                row_major_strides(saved.shape));
  }
  return op("u");
}

void ZipWriter::add(const std::string& name, const std::string& data, std::size_t alignment) {
  constexpr std::size_t kHeader = 30, kExtraHeader = 4;
  Entry entry{name, 0, 0, 0, data.size(), data.size(), bytes.size()};
  entry.crc =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
  const std::size_t unpadded = bytes.size() + kHeader + name.size() + kExtraHeader;
  const std::size_t padding = (alignment - unpadded % alignment) % alignment;
  append(bytes, std::uint32_t{0x04034b50});
  append(bytes, std::uint16_t{0});
  append(bytes, entry.flags);
  append(bytes, entry.method);
  append(bytes, std::uint32_t{0});
  append(bytes, entry.crc);
  append(bytes, static_cast<std::uint32_t>(data.size()));
  append(bytes, static_cast<std::uint32_t>(data.size()));
  append(bytes, static_cast<std::uint16_t>(name.size()));
  append(bytes, static_cast<std::uint16_t>(kExtraHeader + padding));
  bytes += name + "FB";
  append(bytes, static_cast<std::uint16_t>(padding));
  bytes += std::string(padding, 'Z') + data;
  entries.push_back(entry);
}

std::string ZipWriter::finish(bool zip64) const {
  constexpr std::uint32_t kIn64Bits = 0xFFFFFFFF;
  std::string out = bytes;
  for (const Entry& entry : entries) {
    append(out, std::uint32_t{0x02014b50});
    append(out, std::uint32_t{0});
    append(out, entry.flags);
    append(out, entry.method);
    append(out, std::uint32_t{0});
    append(out, entry.crc);
    append(out, zip64 ? kIn64Bits : static_cast<std::uint32_t>(entry.packed_size));
    append(out, zip64 ? kIn64Bits : static_cast<std::uint32_t>(entry.size));
    append(out, static_cast<std::uint16_t>(entry.name.size()));
    append(out, std::uint16_t(zip64 ? 28 : 0));
    out += std::string(10, '\0');
    append(out, zip64 ? kIn64Bits : static_cast<std::uint32_t>(entry.offset));
    out += entry.name;
    if (!zip64) continue;
    append(out, std::uint16_t{1});
    append(out, std::uint16_t{24});
    append(out, entry.size);
    append(out, entry.packed_size);
    append(out, entry.offset);
  }
  const std::uint64_t end = out.size();
  if (zip64) {
    append(out, std::uint32_t{0x06064b50});
    append(out, std::uint64_t{44});
    out += std::string(12, '\0');
    append(out, std::uint64_t{entries.size()});
    append(out, std::uint64_t{entries.size()});
    append(out, end - bytes.size());
    append(out, std::uint64_t{bytes.size()});
    append(out, std::uint32_t{0x07064b50});
    append(out, std::uint32_t{0});
    append(out, end);
    append(out, std::uint32_t{1});
  }
  append(out, std::uint32_t{0x06054b50});
  append(out, std::uint32_t{0});
  append(out, static_cast<std::uint16_t>(zip64 ? 0xFFFF : entries.size()));
  append(out, static_cast<std::uint16_t>(zip64 ? 0xFFFF : entries.size()));
  append(out, zip64 ? kIn64Bits : static_cast<std::uint32_t>(end - bytes.size()));
  append(out, zip64 ? kIn64Bits : static_cast<std::uint32_t>(bytes.size()));
  append(out, std::uint16_t{0});
  return out;
}

ZipWriter zip_checkpoint(const std::string& pickle, const std::vector<std::string>& storages,
                         const std::string& root) {
  constexpr std::size_t kAlignment = 64;
  ZipWriter zip;
  zip.add(root + "/data.pkl", pickle);
  zip.add(root + "/byteorder", "little");
  for (std::size_t i = 0; i < storages.size(); ++i)
    zip.add(root + "/data/" + std::to_string(i), storages[i], kAlignment);
  zip.add(root + "/version", "3\n");
  return zip;
}

std::string legacy_checkpoint(const std::string& pickle, const std::vector<LegacyStorageBytes>& storages) {
  std::string out("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  out += small_pickle(1001);
  out += PickleWriter()
             .op("}(")
             .text("protocol_version")
             .integer(1001)
             .text("little_endian")
             .op("\x88")
             .text("type_sizes")
             .op("}(")
             .text("short")
             .integer(2)
             .text("int")
             .integer(4)
             .op("uu")
             .finish() +
         pickle;
  PickleWriter keys;
  keys.op("](");
  for (const LegacyStorageBytes& storage : storages) keys.text(storage.key);
  out += keys.op("e").finish();
  for (const LegacyStorageBytes& storage : storages) {
    append(out, storage.elements);
    out += storage.bytes;
  }
  return out;
}

std::string legacy_pth(const std::vector<SavedTensor>& tensors) {
  std::vector<LegacyStorageBytes> storages;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    storages.push_back({std::to_string(i), elements_of(tensors[i]), tensors[i].bytes});
  std::sort(storages.begin(), storages.end(),
            [](const LegacyStorageBytes& a, const LegacyStorageBytes& b) { return a.key < b.key; });
  return legacy_checkpoint(PickleWriter().state_dict(tensors).finish(), storages);
}

std::string zip_pth(const std::vector<SavedTensor>& tensors) {
  std::vector<std::string> storages;
  for (const SavedTensor& tensor : tensors) storages.push_back(tensor.bytes);
  return zip_checkpoint(PickleWriter().state_dict(tensors).finish(), storages).finish();
}

void write_legacy_pth(const std::string& path, const std::vector<SavedTensor>& tensors) {
  write_text(path, legacy_pth(tensors));
}

void write_zip_pth(const std::string& path, const std::vector<SavedTensor>& tensors) {
  write_text(path, zip_pth(tensors));
}

}  // namespace pose::test
