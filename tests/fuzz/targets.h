#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pose::test {

/// One reader of untrusted bytes. A new one is a function and a row in `targets.cpp`, and a folder of small
/// inputs in `tests/data/fuzz`; `run` may throw any `pose::Error` but `kInternal`, and nothing else may
/// happen.
struct FuzzTarget {
  std::string_view name;
  void (*run)(const std::uint8_t* data, std::size_t size);
};

const std::vector<FuzzTarget>& fuzz_targets();

/// Runs the target of that name on one input and swallows the errors it may throw.
void run_fuzz_target(std::string_view name, const std::uint8_t* data, std::size_t size);

}  // namespace pose::test
