#pragma once

#include <vector>

#include "graph/binding.h"
#include "pose/blob.h"

namespace pose::test {

/// Runs a graph node by node in loops that follow the definitions, sums in f64: what engines are compared
/// with.
std::vector<Blob> run_plainly(const BoundGraph& bound, const Blob& batch);

}  // namespace pose::test
