#include "fuzz/targets.h"

/// The entry point of libFuzzer; `POSE_FUZZ_TARGET` is the name of the target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pose::test::run_fuzz_target(POSE_FUZZ_TARGET, data, size);
  return 0;
}
