#include <string>
#include <utility>

#include "weights/pickle_machine.h"

namespace pose {
namespace {

/// Names come from strangers and go to a terminal.
std::string printable(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string shown(text.substr(0, kShown));
  for (char& c : shown)
    if (c < 0x20 || c > 0x7e) c = '?';
  return shown + (text.size() > kShown ? "..." : "");
}

}  // namespace

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  const PickleGlobal* row = find_pickle_global(module, name);
  if (!row)
    throw Error::unsupported(
        in_.what() + ": refers to " + printable(module) + "." + printable(name) +
        ", which is not plain weight data, so the file is refused (nothing was run). If you "
        "trust it, save the weights alone in Python: torch.save(model.state_dict(), FILE)");
  push({PickleKind::kClass, static_cast<std::uint32_t>(globals_.size())});
  globals_.push_back(row);
}

void PickleMachine::global() {
  const std::string_view module = in_.line();
  push_global(module, in_.line());
}

void PickleMachine::stack_global() {
  const PickleId name = pop(), module = pop();
  expect(module, PickleKind::kText, "name of a module");
  expect(name, PickleKind::kText, "name of a class");
  push_global(out_.text(module), out_.text(name));
}

void PickleMachine::inst() {
  global();
  const PickleId callee = pop();
  construct(callee, pop_to_mark());
}

void PickleMachine::obj() {
  Ids items = pop_to_mark();
  if (items.empty()) in_.fail("a call of nothing");
  construct(items.front(), Ids(items.begin() + 1, items.end()));
}

void PickleMachine::reduce() {
  const PickleId arguments = pop(), callee = pop();
  expect(arguments, PickleKind::kTuple, "arguments of a call");
  construct(callee, out_.items(arguments));
}

/// Attributes (`_metadata` of a state dict, options, NumPy array contents) do not matter for weights.
void PickleMachine::build() {
  pop();
  const PickleId target = pop();
  if (out_.kind(target) == PickleKind::kClass) in_.fail("a pickle changes a class");
  stack_.push_back(target);
}

void PickleMachine::construct(PickleId callee, const Ids& arguments) {
  switch (const PickleGlobal& row = global_of(callee); row.kind) {
    case GlobalKind::kDict: return construct_dict(arguments);
    case GlobalKind::kOpaque: return push({PickleKind::kOpaque});
    case GlobalKind::kTensor: return construct_tensor(arguments, false);
    case GlobalKind::kTensorV3: return construct_tensor(arguments, true);
    case GlobalKind::kSize:
      argument(arguments, 0, PickleKind::kTuple, "torch.Size");
      return stack_.push_back(arguments[0]);
    case GlobalKind::kParameter:
      argument(arguments, 0, PickleKind::kTensor, "parameter");
      return stack_.push_back(arguments[0]);
    case GlobalKind::kTensorSubtype: {
      argument(arguments, 2, PickleKind::kTuple, "tensor subtype");
      const GlobalKind inner = global_of(arguments[0]).kind;
      if (inner != GlobalKind::kTensor && inner != GlobalKind::kTensorV3 && inner != GlobalKind::kParameter)
        in_.fail("a tensor subtype that is not made from a tensor");
      return construct(arguments[0], out_.items(arguments[2]));
    }
    case GlobalKind::kStorage:
    case GlobalKind::kDType:
      in_.fail("a pickle calls " + std::string(row.module) + "." + std::string(row.name));
  }
}

/// `OrderedDict()`, or with a list of pairs as Python 2 writes it.
void PickleMachine::construct_dict(const Ids& arguments) {
  Ids members;
  if (!arguments.empty() && out_.kind(arguments[0]) == PickleKind::kList) {
    for (const PickleId pair : out_.items(arguments[0])) {
      const PickleKind kind = out_.kind(pair);
      if ((kind != PickleKind::kList && kind != PickleKind::kTuple) || out_.items(pair).size() != 2)
        in_.fail("a dictionary made of something else than pairs");
      members.insert(members.end(), out_.items(pair).begin(), out_.items(pair).end());
    }
    copied_ += members.size();
    if (copied_ > kMaxPickleValues) in_.fail("a pickle repeats one dictionary too often");
  }
  push_container(PickleKind::kDict, std::move(members));
}

/// (storage, offset, size, strides, requires_grad, hooks[, element type][, metadata])
void PickleMachine::construct_tensor(const Ids& arguments, bool with_dtype) {
  constexpr std::size_t kDTypeArgument = 6;
  if (out_.tensors_.size() == kMaxPickleTensors)
    in_.fail("more than " + std::to_string(kMaxPickleTensors) + " tensors");
  PickledTensor tensor;
  tensor.storage = argument(arguments, 0, PickleKind::kStorage, "storage of a tensor").index;
  tensor.offset = argument(arguments, 1, PickleKind::kInt, "offset of a tensor").number;
  argument(arguments, 2, PickleKind::kTuple, "shape of a tensor");
  tensor.shape = integers(arguments[2], "shape of a tensor");
  argument(arguments, 3, PickleKind::kTuple, "strides of a tensor");
  tensor.strides = integers(arguments[3], "strides of a tensor");
  std::optional<DType> dtype = out_.storages_[tensor.storage].dtype;
  if (with_dtype) {
    argument(arguments, kDTypeArgument, PickleKind::kClass, "element type of a tensor");
    dtype = global_of(arguments[kDTypeArgument]).dtype;
  }
  if (!dtype) in_.fail("a tensor without an element type");
  tensor.dtype = *dtype;
  push({PickleKind::kTensor, static_cast<std::uint32_t>(out_.tensors_.size())});
  out_.tensors_.push_back(std::move(tensor));
}

/// ("storage", class, key, location, elements[, view])
void PickleMachine::persistent_id() {
  const PickleId id = pop();
  expect(id, PickleKind::kTuple, "persistent id");
  const Ids& items = out_.items(id);
  argument(items, 0, PickleKind::kText, "kind of a persistent id");
  if (out_.text(items[0]) != "storage")
    throw Error::unsupported(in_.what() + ": holds a '" + printable(out_.text(items[0])) +
                             "' (a whole Python model?), not weights alone; save it again in Python: "
                             "torch.save(model.state_dict(), FILE)");
  argument(items, 1, PickleKind::kClass, "type of a storage");
  const PickleGlobal& type = global_of(items[1]);
  if (type.kind != GlobalKind::kStorage) in_.fail("a storage of an unknown type");
  argument(items, 2, PickleKind::kText, "key of a storage");
  argument(items, 3, PickleKind::kText, "location of a storage");
  PickledStorage storage;
  storage.dtype = type.dtype;
  storage.key = out_.text(items[2]);
  storage.location = out_.text(items[3]);
  storage.elements = storage.view_elements = argument(items, 4, PickleKind::kInt, "size of a storage").number;
  if (storage.elements < 0) in_.fail("a storage of negative size");
  if (items.size() > 5) read_view(items[5], storage);
  push({PickleKind::kStorage, static_cast<std::uint32_t>(out_.storages_.size())});
  out_.storages_.push_back(storage);
}

/// None, or (key, first element, elements)
void PickleMachine::read_view(PickleId view, PickledStorage& storage) {
  if (out_.kind(view) == PickleKind::kNone) return;
  expect(view, PickleKind::kTuple, "view of a storage");
  const Ids& items = out_.items(view);
  storage.view_offset = argument(items, 1, PickleKind::kInt, "offset of a storage view").number;
  storage.view_elements = argument(items, 2, PickleKind::kInt, "size of a storage view").number;
  const bool inside = storage.view_offset >= 0 && storage.view_elements >= 0 &&
                      storage.view_offset <= storage.elements &&
                      storage.view_elements <= storage.elements - storage.view_offset;
  if (!inside) in_.fail("a view that reaches outside its storage");
}

const PickleGlobal& PickleMachine::global_of(PickleId id) {
  return *globals_[expect(id, PickleKind::kClass, "name").index];
}

const PickleMachine::Value& PickleMachine::expect(PickleId id, PickleKind kind, const char* what) {
  if (out_.kind(id) != kind) in_.fail(std::string("wrong type of value as ") + what);
  return out_.values_[id];
}

const PickleMachine::Value& PickleMachine::argument(const Ids& arguments, std::size_t i, PickleKind kind,
                                                    const char* what) {
  if (i >= arguments.size()) in_.fail(std::string("too few values for ") + what);
  return expect(arguments[i], kind, what);
}

std::vector<std::int64_t> PickleMachine::integers(PickleId tuple, const char* what) {
  const Ids& items = out_.items(tuple);
  if (items.size() > kMaxDimensions)
    in_.fail(std::to_string(items.size()) + " dimensions as " + what + ", more than " +
             std::to_string(kMaxDimensions));
  std::vector<std::int64_t> numbers;
  for (const PickleId item : items) numbers.push_back(expect(item, PickleKind::kInt, what).number);
  return numbers;
}

}  // namespace pose
