#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "graph/graph.h"

namespace pose {

/// Applies `kind` to `x` and returns it; `x` is overwritten.
at::Tensor activate(at::Tensor x, Activation kind);

/// One node with weights, inputs and weights in the order of the graph. Results are always new tensors that
/// share nothing with the inputs. Not for sums, activations and inputs, which the executor may work out in
/// place.
at::Tensor compute(const Node& node, const std::vector<at::Tensor>& inputs,
                   const std::vector<at::Tensor>& weights);

}  // namespace pose
