#pragma once

#include <memory>

#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// Runs `bound` layer by layer with LibTorch. Batch norms should have been folded before; activations are
/// fused here.
std::unique_ptr<Network> make_torch_network(BoundGraph bound, const EngineOptions& options);

}  // namespace pose
