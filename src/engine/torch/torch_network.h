#pragma once

#include <memory>

#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// Runs `bound` layer by layer with LibTorch. Batch norms should have been folded before; activations are fused here.
std::unique_ptr<Network> make_torch_network(BoundGraph bound, const EngineOptions& options);

/// A TorchScript program as a network: takes `[n, 3, h, w]`, gives one tensor or a tuple of tensors.
/// A TorchScript file is a program: only load files that you trust.
std::unique_ptr<Network> make_torchscript_network(const std::string& path, const EngineOptions& options);

/// Sets the number of threads that LibTorch computes with; 0: all usable cores.
void set_torch_threads(int threads);

}  // namespace pose
