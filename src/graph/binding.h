#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "pose/blob.h"
#include "pose/tensor_file.h"

namespace pose {

/// A graph with the f32 values of its parameters: `values[node][i]` belongs to `graph[node].params[i]`.
struct BoundGraph {
  Graph graph;
  std::vector<std::vector<Blob>> values;
  /// Per node: factors of the output channels, yet to be multiplied into its weight; mostly empty. They are
  /// applied where the weight is used (`weights_of`), so that never more than one changed weight is in
  /// memory.
  std::vector<std::vector<double>> scales;
};

/// The values of one node, ready to be used. A changed weight lies in `scratch`, until the next call with it:
/// fresh memory for every layer would cost more than the arithmetic.
std::vector<Blob> weights_of(const BoundGraph& bound, std::size_t node, std::vector<float>& scratch);

/// How the tensors of a weight file and the parameters of a network differ; names with shapes where they
/// matter.
struct WeightFit {
  std::vector<std::string> missing, misshaped, extra;
  std::size_t fitting = 0;  ///< parameters that are there with the right shape

  bool complete() const { return missing.empty() && misshaped.empty() && extra.empty(); }
};

/// Compares without reading any values. `num_batches_tracked` may be there or not.
WeightFit compare_weights(const Graph& graph, const TensorFile& weights);

/// Looks every parameter up by its key. Row-major f32 tensors are used where they lie in the file, everything
/// else is converted. Throws one `kMismatch` that lists all missing, extra and mis-shaped tensors;
/// `num_batches_tracked` may be there or not.
BoundGraph bind_weights(Graph graph, const TensorFile& weights);

/// The values from anywhere else: a formula, an ordered list of numbers.
BoundGraph bind_weights(Graph graph, const std::function<Blob(const Node&, const Param&)>& value_of);

}  // namespace pose
