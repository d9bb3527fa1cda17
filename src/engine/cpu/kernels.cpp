#include "engine/cpu/kernels.h"

#include "engine/cpu/whole.h"

namespace pose::cpu {
namespace {

/// Enough for what the pieces before it leave unaligned.
constexpr std::size_t kSlack = 64;

}  // namespace

std::size_t conv_scratch(const ConvTask& task, std::int64_t cells, const Kernels& kernels) {
  const std::int64_t taps = std::int64_t{task.kernel_height} * task.kernel_width;
  const std::int64_t pointers = whole(cells, kernels.rows) * (taps + 1);
  const std::int64_t gathered = task.in.channels <= kGatherChannels ? cells * taps * task.in.channels : 0;
  return static_cast<std::size_t>(pointers) * (sizeof(void*) / sizeof(float)) +
         static_cast<std::size_t>(gathered) + kSlack;
}

std::size_t winograd_scratch(const ConvTask& task, std::int64_t tiles, const Kernels& kernels) {
  const std::int64_t points = point_step(tiles, whole(task.in.channels, kernels.lanes));
  const std::int64_t weights = task.plain_weights ? weight_step(kernels.lanes) : 0;
  return static_cast<std::size_t>(kTilePoints * (points + tiles * 2 * kernels.lanes + weights)) + kSlack;
}

std::int64_t winograd_tiles(const ConvTask& task) {
  const auto tiles = [](int side) { return std::int64_t{(side + kTileOut - 1) / kTileOut}; };
  return tiles(task.out.height) * tiles(task.out.width);
}

const Kernels& best_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return kAvx512Kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kAvx2Kernels;
#endif
  return kPlainKernels;
}

}  // namespace pose::cpu
