#include "weights/state_dict.h"

#include <algorithm>
#include <optional>

#include "pose/error.h"

namespace pose {
namespace {

constexpr std::string_view kEntries[] = {"state_dict",     "model_state_dict", "model",          "net",
                                         "network",        "params",           "weights",        "ema",
                                         "model_ema",      "state_dict_ema",   "ema_state_dict", "params_ema",
                                         "best_state_dict"};
constexpr int kMaxWrappers = 3;
constexpr std::size_t kEntriesShown = 8;

std::vector<std::pair<std::string_view, PickleId>> tensors_of(const Pickle& pickle, PickleId dict) {
  std::vector<std::pair<std::string_view, PickleId>> tensors;
  if (pickle.kind(dict) != PickleKind::kDict) return tensors;
  const std::vector<PickleId>& items = pickle.items(dict);
  for (std::size_t i = 0; i < items.size(); i += 2)
    if (pickle.kind(items[i]) == PickleKind::kText && pickle.kind(items[i + 1]) == PickleKind::kTensor)
      tensors.emplace_back(pickle.text(items[i]), items[i + 1]);
  return tensors;
}

/// Refuses weights that a foreign class makes of the numbers in the file: nobody here knows how.
void check_foreign(const Pickle& pickle, PickleId dict, const std::string& what) {
  const std::vector<PickleId>& items = pickle.items(dict);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const ForeignClass* foreign = pickle.foreign_class(items[i + 1]);
    if (!foreign || !pickle.made_of_weights(items[i + 1]) || pickle.kind(items[i]) != PickleKind::kText)
      continue;
    const std::string name(pickle.text(items[i]).substr(0, kMaxTensorNameBytes));
    check_tensor_name(name, what);
    throw Error::unsupported(what + ": the weight '" + name + "' is made by " + foreign->name +
                             ", which is not known here; save plain tensors in Python: "
                             "torch.save(model.state_dict(), FILE)");
  }
}

std::optional<PickleId> member(const Pickle& pickle, PickleId dict, std::string_view name) {
  if (pickle.kind(dict) != PickleKind::kDict) return std::nullopt;
  const std::vector<PickleId>& items = pickle.items(dict);
  for (std::size_t i = 0; i < items.size(); i += 2)
    if (pickle.kind(items[i]) == PickleKind::kText && pickle.text(items[i]) == name) return items[i + 1];
  return std::nullopt;
}

std::string whole_model(const ForeignClass& foreign) {
  return ": the file holds an object of " + foreign.name +
         " (a whole Python model?), not weights alone; save it again in Python: "
         "torch.save(model.state_dict(), FILE)";
}

[[noreturn]] void fail_empty(const Pickle& pickle, const std::string& what) {
  std::string message = what + ": no weights found";
  if (const ForeignClass* foreign = pickle.foreign_class(pickle.top()))
    throw Error::unsupported(message + whole_model(*foreign));
  if (pickle.kind(pickle.top()) != PickleKind::kDict)
    throw Error::unsupported(message + ": the file holds something else than a dictionary of tensors");
  const std::vector<PickleId>& items = pickle.items(pickle.top());
  for (std::size_t i = 1; i < items.size(); i += 2)
    if (const ForeignClass* foreign = pickle.foreign_class(items[i]);
        foreign && pickle.made_of_weights(items[i]))
      throw Error::unsupported(message + whole_model(*foreign));
  message += "; the dictionary in the file has " + std::to_string(items.size() / 2) + " entries";
  std::size_t shown = 0;
  for (std::size_t i = 0; i < items.size() && shown < kEntriesShown; i += 2) {
    if (pickle.kind(items[i]) != PickleKind::kText) continue;
    const std::string name(pickle.text(items[i]).substr(0, kMaxTensorNameBytes));
    check_tensor_name(name, what);
    message += (shown++ ? ", '" : ": '") + name + "'";
  }
  throw Error::unsupported(
      message + "; tensors are looked for in it and in its entries state_dict, model, ema and the like");
}

TensorView view_of(const Pickle& pickle, std::string_view name, const PickledTensor& tensor) {
  const PickledStorage& storage = pickle.storages()[tensor.storage];
  TensorView view;
  view.name = std::string(name);
  view.dtype = tensor.dtype;
  view.shape = tensor.shape;
  view.strides = tensor.strides;
  view.storage = std::string(storage.key.substr(0, kMaxTensorNameBytes));
  view.location = std::string(storage.location.substr(0, kMaxTensorNameBytes));
  return view;
}

}  // namespace

StateDict find_state_dict(const Pickle& pickle, const std::string& what) {
  StateDict state;
  PickleId dict = pickle.top();
  for (int wrapper = 0; wrapper < kMaxWrappers; ++wrapper) {
    for (const std::string_view entry : kEntries) {
      const std::optional<PickleId> inner = member(pickle, dict, entry);
      if (!inner || pickle.kind(*inner) != PickleKind::kDict) continue;
      state.tensors = tensors_of(pickle, *inner);
      state.entry = entry;
      if (!state.tensors.empty()) {
        check_foreign(pickle, *inner, what);
        return state;
      }
    }
    state.entry = {};
    state.tensors = tensors_of(pickle, dict);
    if (!state.tensors.empty()) {
      check_foreign(pickle, dict, what);
      return state;
    }
    const std::optional<PickleId> wrapped = member(pickle, dict, "model");
    if (!wrapped) break;
    dict = *wrapped;
  }
  fail_empty(pickle, what);
}

std::string left_aside(const Pickle& pickle) {
  constexpr std::size_t kShown = 20;
  std::string text;
  const std::vector<ForeignClass>& classes = pickle.foreign_classes();
  for (std::size_t i = 0; i < std::min(classes.size(), kShown); ++i)
    text += (i ? ", " : "") + classes[i].name + " (" + std::to_string(classes[i].objects) + ")";
  if (classes.size() > kShown) text += " and " + std::to_string(classes.size() - kShown) + " more";
  return text;
}

std::size_t storage_size(const PickledStorage& storage, const std::string& what) {
  const std::size_t element = storage.dtype ? size_of(*storage.dtype) : 1;
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::size_t>(storage.elements), element, &bytes))
    throw Error::format(what + ": a storage of " + std::to_string(storage.elements) + " elements");
  return bytes;
}

TensorFile make_tensor_file(const std::string& format, const Pickle& pickle, const StateDict& state,
                            const std::function<StorageBytes(const PickledStorage&)>& find_storage,
                            const WeightBytes& file) {
  std::vector<TensorView> views;
  for (const auto& [name, id] : state.tensors) {
    check_tensor_name(name, file.what);
    const PickledTensor& tensor = pickle.tensor(id);
    const PickledStorage& storage = pickle.storages()[tensor.storage];
    TensorView view = view_of(pickle, name, tensor);
    const std::size_t element = storage.dtype ? size_of(*storage.dtype) : 1;
    const StorageBytes whole = find_storage(storage);
    const std::size_t part = static_cast<std::size_t>(storage.view_elements) * element;
    check_view(view, tensor.offset, part, file.what + ": tensor '" + view.name + "'");
    view.data = whole.data + static_cast<std::size_t>(storage.view_offset) * element +
                static_cast<std::size_t>(tensor.offset) * size_of(tensor.dtype);
    views.push_back(std::move(view));
  }
  check_total_size(views, file.size, file.what);
  return TensorFile(format, std::move(views), file.owner);
}

}  // namespace pose
