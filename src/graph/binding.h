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
};

/// Looks every parameter up by its key. Row-major f32 tensors are used where they lie in the file, everything
/// else is converted. Throws one `kMismatch` that lists all missing, extra and mis-shaped tensors;
/// `num_batches_tracked` may be there or not.
BoundGraph bind_weights(Graph graph, const TensorFile& weights);

/// The values from anywhere else: a formula, an ordered list of numbers.
BoundGraph bind_weights(Graph graph, const std::function<Blob(const Node&, const Param&)>& value_of);

}  // namespace pose
