#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pose/error.h"

namespace pose {

/// The entry of `known` that takes the fewest edits to become `name`; "" if none is reasonably near.
std::string nearest_name(std::string_view name, const std::vector<std::string_view>& known);

/// `kUsage`: "unknown WHAT 'NAME' (known: a, b, c); did you mean 'a'?"
[[noreturn]] void fail_unknown_name(std::string_view what, std::string_view name,
                                    const std::vector<std::string_view>& known);

/// The row of an extension table whose `name` is `name`. `what` is the thing in words ("decoder").
template <typename Table>
const auto& lookup(const Table& table, std::string_view name, std::string_view what) {
  std::vector<std::string_view> known;
  for (const auto& row : table) {
    if (row.name == name) return row;
    known.push_back(row.name);
  }
  fail_unknown_name(what, name, known);
}

}  // namespace pose
