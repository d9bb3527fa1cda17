#include <map>
#include <string>
#include <utility>

#include "pose/error.h"
#include "weights/readers.h"
#include "weights/state_dict.h"

namespace pose {
namespace {

constexpr std::int64_t kProtocolVersion = 1001;

struct LegacyStorage {
  std::size_t size = 0;  ///< in bytes, as the pickle says
  std::size_t element_bytes = 1;
  StorageBytes bytes;
  bool placed = false;
};
using LegacyStorages = std::map<std::string_view, LegacyStorage>;

/// The third pickle: a dictionary with the byte order.
void check_system(const Pickle& pickle, const ByteReader& in) {
  if (pickle.kind(pickle.top()) != PickleKind::kDict) in.fail("the description of the machine is missing");
  const std::vector<PickleId>& items = pickle.items(pickle.top());
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (pickle.kind(items[i]) != PickleKind::kText || pickle.text(items[i]) != "little_endian") continue;
    if (pickle.kind(items[i + 1]) == PickleKind::kBool && pickle.integer(items[i + 1]) == 1) return;
    throw Error::unsupported(in.what() +
                             ": written on a big-endian machine, which is not supported; load it in PyTorch "
                             "on a usual machine and save it again");
  }
  in.fail("the description of the machine has no byte order");
}

/// Every storage that the object pickle names, with its size; the bytes are placed later.
LegacyStorages declared_storages(const Pickle& pickle, const ByteReader& in) {
  LegacyStorages storages;
  for (const PickledStorage& storage : pickle.storages()) {
    const std::size_t size = storage_size(storage, in.what());
    const std::size_t element = storage.dtype ? size_of(*storage.dtype) : 1;
    auto [place, is_new] = storages.try_emplace(storage.key, LegacyStorage{size, element, {}, false});
    if (!is_new && (place->second.size != size || place->second.element_bytes != element))
      in.fail("one storage with two sizes or types");
  }
  return storages;
}

/// The fifth pickle and what follows it: the keys, then for each an element count and the elements.
void place_storages(ByteReader& in, LegacyStorages& storages) {
  const Pickle keys = Pickle::read(in);
  if (keys.kind(keys.top()) != PickleKind::kList) in.fail("the list of storages is missing");
  for (const PickleId id : keys.items(keys.top())) {
    const auto found = keys.kind(id) == PickleKind::kText ? storages.find(keys.text(id)) : storages.end();
    if (found == storages.end() || found->second.placed)
      in.fail("a storage that no tensor uses, or one that comes twice");
    LegacyStorage& storage = found->second;
    const auto count = in.read<std::int64_t>();
    if (count < 0 || static_cast<std::uint64_t>(count) != storage.size / storage.element_bytes)
      in.fail("storage '" + std::string(found->first) + "' has " + std::to_string(count) +
              " elements, but should have " + std::to_string(storage.size / storage.element_bytes));
    storage.bytes = {in.take(storage.size), storage.size};
    storage.placed = true;
  }
  if (in.remaining() != 0) in.fail("bytes behind the last storage");
}

}  // namespace

WeightContent read_torch_legacy(const WeightBytes& file) {
  ByteReader in(file.data, file.size, file.what);
  Pickle::read(in);  // the magic number, which the table of formats looked at
  const Pickle version = Pickle::read(in);
  if (version.kind(version.top()) != PickleKind::kInt || version.integer(version.top()) != kProtocolVersion)
    in.fail("an unknown version of the format");
  check_system(Pickle::read(in), in);
  const Pickle pickle = Pickle::read(in);
  LegacyStorages storages = declared_storages(pickle, in);
  place_storages(in, storages);

  const StateDict state = find_state_dict(pickle, file.what);
  const auto find_storage = [&](const PickledStorage& storage) {
    const LegacyStorage& found = storages.at(storage.key);
    if (!found.placed) throw Error::format(file.what + ": a storage without bytes");
    return found.bytes;
  };
  WeightContent content{make_tensor_file("pth-legacy", pickle, state, find_storage, file), {}};
  content.facts = {{"pickle protocol", std::to_string(pickle.protocol())},
                   {"storages", std::to_string(storages.size())}};
  if (!state.entry.empty()) content.facts.emplace_back("weights under", state.entry);
  if (!pickle.foreign_classes().empty()) content.facts.emplace_back("left aside", left_aside(pickle));
  return content;
}

}  // namespace pose
