#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weights/pickle.h"
#include "weights/pickle_globals.h"

namespace pose {

/// Runs the opcodes of one pickle (`pickle_opcodes.cpp`) and makes values (`pickle_values.cpp`).
class PickleMachine {
 public:
  explicit PickleMachine(ByteReader& in) : in_(in) {}
  Pickle run();

  // Opcodes. Each takes its operands from the stack and the bytes behind it.
  void protocol();
  void frame() { in_.take(8); }
  void mark();
  void constant_none() { push({PickleKind::kNone}); }
  void constant_true() { push({PickleKind::kBool, 0, 1}); }
  void constant_false() { push({PickleKind::kBool, 0, 0}); }
  template <typename T>
  void integer() {
    push({PickleKind::kInt, 0, in_.read<T>()});
  }
  template <typename Length>
  void long_integer() {
    push_long(length<Length>());
  }
  template <typename Length>
  void text() {
    push_text(length<Length>());
  }
  template <typename Length>
  void opaque_bytes() {
    in_.take(length<Length>());
    push({PickleKind::kOpaque});
  }
  void floating() {
    in_.take(8);
    push({PickleKind::kOpaque});
  }
  void empty_tuple() { push_container(PickleKind::kTuple, {}); }
  template <std::size_t N>
  void tuple_of() {
    push_container(PickleKind::kTuple, pop_many(N));
  }
  void tuple() { push_container(PickleKind::kTuple, pop_to_mark()); }
  void empty_list() { push_container(PickleKind::kList, {}); }
  void empty_dict() { push_container(PickleKind::kDict, {}); }
  void empty_set() { push({PickleKind::kOpaque}); }
  void frozen_set() {
    pop_to_mark();
    push({PickleKind::kOpaque});
  }
  void append() { extend(PickleKind::kList, pop_many(1)); }
  void appends() { extend(PickleKind::kList, pop_to_mark()); }
  void set_item() { extend(PickleKind::kDict, pop_many(2)); }
  void set_items() { extend(PickleKind::kDict, pop_to_mark()); }
  void add_items() { extend(PickleKind::kOpaque, pop_to_mark()); }
  template <typename Index>
  void put() {
    remember(in_.read<Index>());
  }
  void memoize() { remember(memo_.size()); }
  template <typename Index>
  void get() {
    recall(in_.read<Index>());
  }
  void global();
  void stack_global();
  void inst();
  void obj();
  void reduce();
  void build();
  void persistent_id();

 private:
  using Value = Pickle::Value;
  using Ids = std::vector<PickleId>;

  // The stack.
  void push(const Value& value);
  void push_long(std::size_t bytes);
  void push_text(std::size_t bytes);
  void push_container(PickleKind kind, Ids items);
  PickleId pop();
  Ids pop_many(std::size_t count);
  Ids pop_to_mark();
  void extend(PickleKind kind, const Ids& items);
  void remember(std::uint64_t index);
  void recall(std::uint64_t index);
  template <typename Length>
  std::size_t length();

  // Values.
  void push_global(std::string_view module, std::string_view name);
  /// What calling `callee` with `arguments` stands for.
  void construct(PickleId callee, const Ids& arguments);
  void construct_dict(const Ids& arguments);
  void construct_tensor(const Ids& arguments, bool with_dtype);
  const PickleGlobal& global_of(PickleId id);
  const Value& expect(PickleId id, PickleKind kind, const char* what);
  const Value& argument(const Ids& arguments, std::size_t i, PickleKind kind, const char* what);
  std::vector<std::int64_t> integers(PickleId tuple, const char* what);
  void read_view(PickleId view, PickledStorage& storage);

  ByteReader& in_;
  Pickle out_;
  Ids stack_, memo_;
  std::vector<std::size_t> marks_;
  std::vector<const PickleGlobal*> globals_;
  std::size_t copied_ = 0;  ///< members of dictionaries made from lists, which one pickle may name many times
};

}  // namespace pose
