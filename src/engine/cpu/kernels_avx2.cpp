// The loops for AVX2 and FMA.

namespace pose::cpu {
namespace {
constexpr int kLanes = 8, kRows = 6;
}  // namespace
}  // namespace pose::cpu

#include "engine/cpu/kernels_impl.h"

namespace pose::cpu {

extern const Kernels kAvx2Kernels = kernels_named("avx2");

}  // namespace pose::cpu
