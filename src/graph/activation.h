#pragma once

namespace pose {

/// What follows a layer, channel by channel. `kLeaky` is `0.1 x` below 0, `kLogistic` `1 / (1 + e^-x)`,
/// `kMish` `x tanh(ln(1 + e^x))`, `kSwish` `x / (1 + e^-x)`.
enum class Activation { kNone, kRelu, kLeaky, kRelu6, kLogistic, kMish, kSwish };

}  // namespace pose
