#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pose/blob.h"

namespace pose::test {

/// `count` doubles in [0, 1), a function of `key` and the index alone (FNV-1a of the key, then splitmix64):
/// networks and pictures for tests without any file.
std::vector<double> seeded_uniform(std::string_view key, std::int64_t count);

/// The f32 values that the formula gives for the checkpoint tensor `key`. `gain` scales the variance of
/// weights; `transposed`: a transposed convolution's weight. `num_batches_tracked` is all zeros.
std::vector<float> seeded_tensor(std::string_view key, const std::vector<std::int64_t>& shape, double gain,
                                 bool transposed = false);

/// An input of the given shape with values `lo + (hi - lo) * u`.
Blob seeded_blob(std::string_view key, const std::vector<std::int64_t>& shape, double lo = 0, double hi = 1);

/// A picture of `height * width * 3` bytes, `floor(256 u)`, index order row, column, channel.
std::vector<std::uint8_t> seeded_picture(std::string_view key, int width, int height);

}  // namespace pose::test
