#include <algorithm>
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
  static constexpr PickleGlobal kForeignRow{"", "", GlobalKind::kForeign};
  if (is_attack(module, name))
    throw Error::unsupported(
        in_.what() + ": refers to " + printable(module) + "." + printable(name) +
        ", which has no place in a weight file: whoever loads it in Python runs a program of "
        "its author. It is refused, and nothing was run; get the weights elsewhere");
  Global global{find_pickle_global(module, name)};
  if (!global.row) global = {&kForeignRow, add_foreign(module, name)};
  push({PickleKind::kClass, static_cast<std::uint32_t>(globals_.size())});
  globals_.push_back(global);
}

std::uint32_t PickleMachine::add_foreign(std::string_view module, std::string_view name) {
  const auto number = static_cast<std::uint32_t>(out_.foreign_.size());
  const auto [place, is_new] = foreign_numbers_.try_emplace({module, name}, number);
  if (!is_new) return place->second;
  if (number == kMaxForeignClasses)
    in_.fail("names of more than " + std::to_string(kMaxForeignClasses) + " foreign classes");
  out_.foreign_.push_back({printable(module) + "." + printable(name), 0});
  return number;
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
  const PickleId state = pop(), target = pop();
  if (out_.kind(target) == PickleKind::kClass) in_.fail("a pickle changes a class");
  Value& value = out_.values_[target];
  if (value.kind == PickleKind::kOpaque && value.index != 0 && have_weights({state})) value.number = 1;
  stack_.push_back(target);
}

void PickleMachine::construct(PickleId callee, const Ids& arguments) {
  // What a foreign function gave may be called in turn: a method that `getattr` found.
  const Value& value = out_.values_[callee];
  if (value.kind == PickleKind::kOpaque && value.index != 0)
    return construct_foreign(value.index - 1, arguments);
  switch (const PickleGlobal& row = global_of(callee); row.kind) {
    case GlobalKind::kForeign: return construct_foreign(globals_[value.index].foreign, arguments);
    case GlobalKind::kDict: return construct_dict(arguments);
    case GlobalKind::kOpaque: return push({PickleKind::kOpaque});
    case GlobalKind::kTensor: return construct_tensor(arguments, false);
    case GlobalKind::kTensorV3: return construct_tensor(arguments, true);
    case GlobalKind::kSize:
      argument(arguments, 0, PickleKind::kTuple, "torch.Size");
      return stack_.push_back(arguments[0]);
    case GlobalKind::kParameter:
      if (!arguments.empty() && out_.foreign_class(arguments[0])) return stack_.push_back(arguments[0]);
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

void PickleMachine::construct_foreign(std::uint32_t foreign, const Ids& arguments) {
  ++out_.foreign_[foreign].objects;
  push({PickleKind::kOpaque, foreign + 1, have_weights(arguments)});
}

bool PickleMachine::have_weights(const Ids& values) {
  const auto is_weight = [&](PickleId id) {
    const PickleKind kind = out_.kind(id);
    return kind == PickleKind::kTensor || kind == PickleKind::kStorage ||
           (kind == PickleKind::kOpaque && out_.made_of_weights(id));
  };
  for (const PickleId id : values) {
    if (is_weight(id)) return true;
    const PickleKind kind = out_.kind(id);
    if (kind != PickleKind::kTuple && kind != PickleKind::kList && kind != PickleKind::kDict) continue;
    const Ids& items = out_.items(id);
    looked_at_ += items.size();
    if (looked_at_ > kMaxPickleValues) in_.fail("a pickle repeats one container too often");
    for (const PickleId item : items)
      if (is_weight(item)) return true;
  }
  return false;
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
    looked_at_ += members.size();
    if (looked_at_ > kMaxPickleValues) in_.fail("a pickle repeats one dictionary too often");
  }
  push_container(PickleKind::kDict, std::move(members));
}

/// (storage, offset, size, strides, requires_grad, hooks[, element type][, metadata])
void PickleMachine::construct_tensor(const Ids& arguments, bool with_dtype) {
  constexpr std::size_t kViewArguments = 4, kDTypeArgument = 6;
  // What depends on a foreign object is one.
  for (std::size_t i = 0; i < std::min(arguments.size(), kViewArguments); ++i)
    if (out_.foreign_class(arguments[i]))
      return push({PickleKind::kOpaque, out_.values_[arguments[i]].index, 1});
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
  // A class together with its source text, as `torch.save` of a whole model once wrote it.
  if (out_.text(items[0]) == "module" && items.size() > 1 && out_.kind(items[1]) == PickleKind::kClass)
    return stack_.push_back(items[1]);
  if (out_.text(items[0]) != "storage")
    throw Error::unsupported(in_.what() + ": holds a '" + printable(out_.text(items[0])) +
                             "' (a whole Python model?), not weights alone; save it again in Python: "
                             "torch.save(model.state_dict(), FILE)");
  argument(items, 1, PickleKind::kClass, "type of a storage");
  const PickleGlobal& type = global_of(items[1]);
  if (type.kind == GlobalKind::kForeign)
    return construct_foreign(globals_[out_.values_[items[1]].index].foreign, {});
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
  return *globals_[expect(id, PickleKind::kClass, "name").index].row;
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
