#pragma once

#include <memory>
#include <string>

#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// A TorchScript program as a network: takes `[n, 3, h, w]`, gives one tensor or a tuple or list of tensors.
/// A TorchScript file is a program: only load files that you trust.
/// Throws `kFormat` for files that are no TorchScript; `forward` throws `kMismatch` if the program fails.
std::unique_ptr<Network> make_torchscript_network(const std::string& path, const EngineOptions& options);

}  // namespace pose
