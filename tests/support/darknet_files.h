#pragma once

#include <string>
#include <vector>

#include "graph/binding.h"
#include "weights/darknet_weights.h"

namespace pose::test {

/// Writes a Darknet `.weights` file (header 0.2.5) with the tensors of `order` taken from `graph`.
void write_darknet_weights(const std::string& path, const std::vector<DarknetTensor>& order,
                           const BoundGraph& graph);

}  // namespace pose::test
