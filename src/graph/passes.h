#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/binding.h"

namespace pose {

/// Batch norms that follow a convolution (or transposed convolution) directly, and are its only reader,
/// become part of its weights and bias; arithmetic in f64, rounded once. Results change by rounding only.
BoundGraph fold_batch_norm(BoundGraph bound);

/// Activations that follow a convolution or sum directly, and are its only reader, become part of it.
BoundGraph fuse_activations(BoundGraph bound);

/// For every node the nodes whose results nobody reads after it has run. Outputs are never released.
std::vector<std::vector<NodeId>> releases(const Graph& graph);

}  // namespace pose
