#include "engine/cpu/cpu_network.h"
#include "engine/engines.h"
#include "pose/version.h"

using pose::cpu::best_kernels;
using pose::cpu::kPlainKernels;

/// Named by `kEngineEntry`.
extern "C" const pose::Engine* pose_engine() {
  static const pose::Engine engine{pose::kVersion, [] { return &best_kernels() != &kPlainKernels; },
                                   &pose::cpu::make_cpu_network, nullptr};
  return &engine;
}
