#pragma once

#include <optional>
#include <string_view>

#include "pose/tensor_file.h"

namespace pose {

/// What a name means that a pickle imports. Nothing is imported or called: a row only says which value of
/// ours stands for the result.
enum class GlobalKind {
  kStorage,        ///< type of a storage
  kDType,          ///< element type
  kDict,           ///< makes a dictionary
  kSize,           ///< torch.Size: makes a tuple
  kTensor,         ///< torch._utils._rebuild_tensor, _v2: a view of a storage
  kTensorV3,       ///< the same with the element type as an argument
  kParameter,      ///< a tensor in a wrapper
  kTensorSubtype,  ///< a tensor with attributes: (constructor, type, arguments, attributes)
  kOpaque,         ///< plain data that no weight depends on
  kForeign,        ///< any other class or function: what it makes is left aside
};

struct PickleGlobal {
  std::string_view module, name;
  GlobalKind kind;
  std::optional<DType> dtype{};  ///< of kStorage (none: untyped, counted in bytes) and kDType
};

/// The row of the closed list of names that mean something to us, nullptr for any other.
const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name);

/// Whether a name is a command to the machine that loads the file in Python, or leads to one: the system,
/// other programs, the interpreter. No checkpoint needs it; nothing is run here, but the file is not what it
/// seems.
bool is_attack(std::string_view module, std::string_view name);

}  // namespace pose
