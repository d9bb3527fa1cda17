// The loops for AVX-512 F.

namespace pose::cpu {
namespace {
constexpr int kLanes = 16, kRows = 8;
}  // namespace
}  // namespace pose::cpu

#include "engine/cpu/kernels_impl.h"

namespace pose::cpu {

extern const Kernels kAvx512Kernels = kernels_named("avx512");

}  // namespace pose::cpu
