#include <torch/version.h>

#include "engine/engines.h"
#include "engine/torch/torch_network.h"
#include "engine/torch/torchscript_network.h"
#include "pose/version.h"

/// Named by `kEngineEntry`.
extern "C" const pose::Engine* pose_engine() {
  static const pose::Engine engine{pose::kVersion,
                                   [] { return "LibTorch " TORCH_VERSION; },
                                   [] { return true; },
                                   &pose::make_torch_network,
                                   &pose::make_torchscript_network,
                                   nullptr,
                                   nullptr,
                                   nullptr};
  return &engine;
}
