// The loops for any processor, four floats at a time.

namespace pose::cpu {
namespace {
constexpr int kLanes = 4, kRows = 6;
}  // namespace
}  // namespace pose::cpu

#include "engine/cpu/kernels_impl.h"

namespace pose::cpu {

extern const Kernels kPlainKernels = kernels_named("plain");

}  // namespace pose::cpu
