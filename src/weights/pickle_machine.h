#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
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
  void drop() { pop(); }
  void drop_to_mark() { pop_to_mark(); }
  template <typename Index>
  void get() {
    recall(in_.read<Index>());
  }
  void global();
  void stack_global();
  void inst();
  void obj();
  void reduce();
  /// NEWOBJ_EX: a call of the class with named arguments, which none of our names takes.
  void new_object_with_names() {
    pop();
    reduce();
  }
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
  void construct_foreign(std::uint32_t foreign, const Ids& arguments);
  void construct_dict(const Ids& arguments);
  void construct_tensor(const Ids& arguments, bool with_dtype);
  const PickleGlobal& global_of(PickleId id);
  std::uint32_t add_foreign(std::string_view module, std::string_view name);
  /// Whether a tensor or a storage is among `values` or, one level deeper, in them.
  bool have_weights(const Ids& values);
  const Value& expect(PickleId id, PickleKind kind, const char* what);
  const Value& argument(const Ids& arguments, std::size_t i, PickleKind kind, const char* what);
  std::vector<std::int64_t> integers(PickleId tuple, const char* what);
  void read_view(PickleId view, PickledStorage& storage);

  ByteReader& in_;
  Pickle out_;
  Ids stack_, memo_;
  std::vector<std::size_t> marks_;
  struct Global {
    const PickleGlobal* row;
    std::uint32_t foreign = 0;  ///< of kForeign: number of the class
  };
  std::vector<Global> globals_;
  std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> foreign_numbers_;
  std::size_t looked_at_ = 0;  ///< members of containers walked through, which one pickle may name many times
};

}  // namespace pose
