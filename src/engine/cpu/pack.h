#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "graph/graph.h"
#include "pose/blob.h"

namespace pose::cpu {

/// Numbers for the kernels, aligned to a cache line.
class Floats {
 public:
  Floats() = default;
  explicit Floats(std::size_t count);  ///< zeros
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

// All weights are packed for pairs of vectors of output channels (one vector where the number is odd): the
// numbers of a pair lie behind each other in the order in which the products are added.

/// [pairs][taps][in][2 * lanes] of a convolution [out, in / groups, k, k]; groups are written out with zeros.
Floats pack_conv(const Node& node, const Blob& weight, int lanes);

/// The same of one phase of a transposed convolution [in, out, k, k]. Taps: `transposed_taps`.
Floats pack_transposed(const Node& node, const Blob& weight, int phase_y, int phase_x, int lanes);

/// [pairs][36][in][2 * lanes] of a 3x3 convolution, transformed in f64.
Floats pack_winograd(const Node& node, const Blob& weight, int lanes);

/// [pairs][in][9][2 * lanes] of a 3x3 convolution, as it is.
Floats pack_plain(const Node& node, const Blob& weight, int lanes);

/// [taps][out] of a convolution [out, 1, k, k].
Floats pack_depthwise(const Node& node, const Blob& weight, int lanes);

/// One number per channel, up to whole vectors. An empty blob gives zeros.
Floats pack_channels(const Blob& values, std::int64_t channels, int lanes);

/// Which taps of a side of a transposed convolution reach the outputs of a phase: output `phase + stride * i`
/// is the sum over j < `count` of tap `last - j * stride` times input `i - before + j`.
struct PhaseTaps {
  int count, last, before;
};
PhaseTaps transposed_taps(const Node& node, int phase);

}  // namespace pose::cpu
