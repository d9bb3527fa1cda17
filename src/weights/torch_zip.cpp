#include <map>
#include <string>
#include <utility>

#include "pose/error.h"
#include "weights/readers.h"
#include "weights/state_dict.h"
#include "weights/zip.h"

namespace pose {
namespace {

constexpr std::string_view kPickleName = "/data.pkl";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// The folder in the archive that everything lies in; any name.
std::string find_root(const ZipArchive& archive, const std::string& what) {
  std::string root;
  for (const ZipEntry& entry : archive.entries()) {
    if (!ends_with(entry.name, kPickleName)) continue;
    if (!root.empty()) throw Error::format(what + ": two data.pkl in one archive");
    root = std::string(entry.name.substr(0, entry.name.size() - kPickleName.size()));
  }
  if (root.empty())
    throw Error::unsupported(
        what +
        ": a zip archive without data.pkl, so PyTorch did not write it; if it contains the "
        "weight file, unpack it first");
  return root;
}

void check_byte_order(const ZipArchive& archive, const std::string& root, const std::string& what) {
  const ZipEntry* entry = archive.find(root + "/byteorder");
  if (!entry) return;  // files before PyTorch 2.1 have none
  ByteReader content = archive.content(*entry);
  const std::string_view order = content.text(content.remaining());
  if (order == "big")
    throw Error::unsupported(
        what +
        ": written on a big-endian machine, which is not supported; load it in PyTorch on a "
        "usual machine and save it again");
  if (order != "little") throw Error::format(what + ": an unknown byte order");
}

/// The largest power of two up to 4096 that the places of all storages divide by.
std::size_t alignment_of(const ZipArchive& archive, const std::string& root) {
  std::uint64_t bits = 4096;
  for (const ZipEntry& entry : archive.entries())
    if (entry.name.substr(0, root.size() + 6) == root + "/data/") bits |= entry.data_offset;
  return static_cast<std::size_t>(bits & (~bits + 1));
}

}  // namespace

WeightContent read_torch_zip(const WeightBytes& file) {
  const ZipArchive archive(file.data, file.size, file.what);
  const std::string root = find_root(archive, file.what);
  check_byte_order(archive, root, file.what);
  ByteReader in = archive.content(*archive.find(root + std::string(kPickleName)));
  const Pickle pickle = Pickle::read(in);
  if (in.remaining() != 0) in.fail("bytes behind the end of the pickle");
  const StateDict state = find_state_dict(pickle, file.what);

  std::map<std::string_view, StorageBytes> storages;
  const auto find_storage = [&](const PickledStorage& storage) {
    auto [place, is_new] = storages.try_emplace(storage.key);
    if (is_new) {
      const ZipEntry* entry = archive.find(root + "/data/" + std::string(storage.key));
      if (!entry) throw Error::format(file.what + ": a storage that the archive does not have");
      ByteReader content = archive.content(*entry);
      const std::size_t size = content.remaining();
      place->second = {content.take(size), size};
    }
    if (storage_size(storage, file.what) != place->second.size)
      throw Error::format(file.what + ": storage '" + std::string(storage.key) + "' should have " +
                          std::to_string(storage_size(storage, file.what)) + " bytes, but has " +
                          std::to_string(place->second.size));
    return place->second;
  };
  WeightContent content{make_tensor_file("pth-zip", pickle, state, find_storage, file), {}};
  content.facts = {{"archive name", root},
                   {"entries", std::to_string(archive.entries().size())},
                   {"pickle protocol", std::to_string(pickle.protocol())},
                   {"storage alignment", std::to_string(alignment_of(archive, root))}};
  if (!state.entry.empty()) content.facts.emplace_back("weights under", state.entry);
  if (!pickle.foreign_classes().empty()) content.facts.emplace_back("left aside", left_aside(pickle));
  return content;
}

WeightContent read_torchscript_facts(const WeightBytes& file) {
  const ZipArchive archive(file.data, file.size, file.what);
  std::size_t compressed = 0;
  for (const ZipEntry& entry : archive.entries()) compressed += entry.method != 0;
  const std::string root = find_root(archive, file.what);
  return {TensorFile(),
          {{"archive name", root},
           {"entries", std::to_string(archive.entries().size())},
           {"compressed entries", std::to_string(compressed)}}};
}

bool has_torchscript_code(const WeightBytes& file) {
  const ZipArchive archive(file.data, file.size, file.what);
  for (const ZipEntry& entry : archive.entries())
    if (ends_with(entry.name, "/constants.pkl") || entry.name.find("/code/") != std::string_view::npos)
      return true;
  return false;
}

}  // namespace pose
