#include <array>
#include <limits>
#include <utility>

#include "weights/pickle_machine.h"

namespace pose {
namespace {

constexpr PickleId kNothing = std::numeric_limits<PickleId>::max();  ///< an empty place of the memo
constexpr std::uint8_t kStop = '.';

using Handler = void (PickleMachine::*)();
struct Opcode {
  std::uint8_t code;
  Handler handler;
};

using M = PickleMachine;
constexpr Opcode kOpcodes[] = {
    {0x80, &M::protocol},
    {0x95, &M::frame},
    {'(', &M::mark},
    {'N', &M::constant_none},
    {0x88, &M::constant_true},
    {0x89, &M::constant_false},
    {'K', &M::integer<std::uint8_t>},
    {'M', &M::integer<std::uint16_t>},
    {'J', &M::integer<std::int32_t>},
    {0x8a, &M::long_integer<std::uint8_t>},
    {0x8b, &M::long_integer<std::int32_t>},
    {'G', &M::floating},
    {'X', &M::text<std::uint32_t>},
    {0x8c, &M::text<std::uint8_t>},
    {0x8d, &M::text<std::uint64_t>},
    {'T', &M::text<std::int32_t>},
    {'U', &M::text<std::uint8_t>},
    {'B', &M::opaque_bytes<std::uint32_t>},
    {'C', &M::opaque_bytes<std::uint8_t>},
    {0x8e, &M::opaque_bytes<std::uint64_t>},
    {0x96, &M::opaque_bytes<std::uint64_t>},
    {')', &M::empty_tuple},
    {0x85, &M::tuple_of<1>},
    {0x86, &M::tuple_of<2>},
    {0x87, &M::tuple_of<3>},
    {'t', &M::tuple},
    {']', &M::empty_list},
    {'a', &M::append},
    {'e', &M::appends},
    {'}', &M::empty_dict},
    {'s', &M::set_item},
    {'u', &M::set_items},
    {0x8f, &M::empty_set},
    {0x90, &M::add_items},
    {0x91, &M::frozen_set},
    {'q', &M::put<std::uint8_t>},
    {'r', &M::put<std::uint32_t>},
    {0x94, &M::memoize},
    {'0', &M::drop},
    {'1', &M::drop_to_mark},
    {'h', &M::get<std::uint8_t>},
    {'j', &M::get<std::uint32_t>},
    {'c', &M::global},
    {0x93, &M::stack_global},
    {'i', &M::inst},
    {'o', &M::obj},
    {'R', &M::reduce},
    {0x81, &M::reduce},  // NEWOBJ is a call of the class
    {0x92, &M::new_object_with_names},
    {'b', &M::build},
    {'Q', &M::persistent_id},
};

std::array<Handler, 256> handlers() {
  std::array<Handler, 256> table{};
  for (const Opcode& row : kOpcodes) table[row.code] = row.handler;
  return table;
}

}  // namespace

Pickle PickleMachine::run() {
  static const std::array<Handler, 256> kHandlers = handlers();
  out_.bytes_ = reinterpret_cast<const char*>(in_.take(0)) - in_.position();
  for (std::size_t executed = 0;; ++executed) {
    if (executed == kMaxPickleOpcodes)
      in_.fail("more than " + std::to_string(kMaxPickleOpcodes) + " pickle opcodes");
    const auto code = in_.read<std::uint8_t>();
    if (code == kStop) break;
    if (!kHandlers[code])
      in_.fail("pickle opcode " + std::to_string(code) + " has no place in a weight file");
    (this->*kHandlers[code])();
  }
  out_.top_ = pop();
  if (!stack_.empty() || !marks_.empty()) in_.fail("a pickle ends with unused values");
  return std::move(out_);
}

void PickleMachine::protocol() {
  out_.protocol_ = in_.read<std::uint8_t>();
  if (out_.protocol_ < 2 || out_.protocol_ > 5)
    in_.fail("pickle protocol " + std::to_string(out_.protocol_) + " is not supported (2 to 5 are)");
}

template <typename Length>
std::size_t PickleMachine::length() {
  const auto value = in_.read<Length>();
  if (value < 0 || static_cast<std::uint64_t>(value) > in_.remaining())
    in_.fail("a length of " + std::to_string(value) + ", but only " + std::to_string(in_.remaining()) +
             " bytes are left");
  return static_cast<std::size_t>(value);
}

void PickleMachine::mark() {
  if (marks_.size() == kMaxPickleMarks)
    in_.fail("a pickle nested deeper than " + std::to_string(kMaxPickleMarks) + " levels");
  marks_.push_back(stack_.size());
}

void PickleMachine::push(const Value& value) {
  if (out_.values_.size() == kMaxPickleValues)
    in_.fail("more than " + std::to_string(kMaxPickleValues) + " values in a pickle");
  stack_.push_back(static_cast<PickleId>(out_.values_.size()));
  out_.values_.push_back(value);
}

void PickleMachine::push_long(std::size_t bytes) {
  const std::uint8_t* digits = in_.take(bytes);
  if (bytes > sizeof(std::int64_t)) return push({PickleKind::kOpaque});
  std::uint64_t value = bytes && (digits[bytes - 1] & 0x80) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | digits[i];
  push({PickleKind::kInt, 0, static_cast<std::int64_t>(value)});
}

void PickleMachine::push_text(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::uint32_t>::max()) in_.fail("a text of more than 4 GB");
  push({PickleKind::kText, static_cast<std::uint32_t>(bytes), static_cast<std::int64_t>(in_.position())});
  in_.take(bytes);
}

void PickleMachine::push_container(PickleKind kind, Ids items) {
  if (out_.containers_.size() == kMaxPickleContainers)
    in_.fail("more than " + std::to_string(kMaxPickleContainers) +
             " tuples, lists and dictionaries in a pickle");
  push({kind, static_cast<std::uint32_t>(out_.containers_.size())});
  out_.containers_.push_back(std::move(items));
}

PickleId PickleMachine::pop() {
  if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size()))
    in_.fail("a pickle takes more values than it made");
  const PickleId id = stack_.back();
  stack_.pop_back();
  return id;
}

PickleMachine::Ids PickleMachine::pop_many(std::size_t count) {
  Ids items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

PickleMachine::Ids PickleMachine::pop_to_mark() {
  if (marks_.empty()) in_.fail("a pickle closes a list that it did not open");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  Ids items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

void PickleMachine::extend(PickleKind kind, const Ids& items) {
  const PickleId target = pop();
  stack_.push_back(target);
  const Value& value = out_.values_[target];
  if (value.kind == PickleKind::kOpaque) return;
  if (value.kind != kind) in_.fail("a pickle adds members to something that has none");
  if (kind == PickleKind::kDict && items.size() % 2 != 0) in_.fail("a dictionary key without a value");
  Ids& members = out_.containers_[value.index];
  members.insert(members.end(), items.begin(), items.end());
}

void PickleMachine::remember(std::uint64_t index) {
  if (index >= kMaxPickleMemo) in_.fail("pickle memo number " + std::to_string(index) + " is too large");
  const PickleId id = pop();
  stack_.push_back(id);
  if (index >= memo_.size()) memo_.resize(static_cast<std::size_t>(index) + 1, kNothing);
  memo_[static_cast<std::size_t>(index)] = id;
}

void PickleMachine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[static_cast<std::size_t>(index)] == kNothing)
    in_.fail("a pickle uses memo number " + std::to_string(index) + ", which it never set");
  stack_.push_back(memo_[static_cast<std::size_t>(index)]);
}

Pickle Pickle::read(ByteReader& reader) { return PickleMachine(reader).run(); }

const ForeignClass* Pickle::foreign_class(PickleId id) const {
  const Value& value = values_[id];
  return value.kind == PickleKind::kOpaque && value.index != 0 ? &foreign_[value.index - 1] : nullptr;
}

std::string_view Pickle::text(PickleId id) const {
  const Value& value = values_[id];
  return {bytes_ + value.number, value.index};
}

}  // namespace pose
