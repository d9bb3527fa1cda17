#include "engine/cpu/cpu_network.h"
#include "engine/cpu/plan.h"
#include "engine/engines.h"
#include "graph/passes.h"
#include "pose/version.h"

namespace pose::cpu {
namespace {

const char* runs_on() { return best_kernels().name; }

bool suits_processor() { return &best_kernels() != &kPlainKernels; }

std::vector<PlanStep> plan(BoundGraph bound) {
  bound = fuse_activations(std::move(bound));
  return describe(make_plan(std::move(bound.graph), {best_kernels().lanes, best_kernels().rows}));
}

double peak() { return measure_peak(best_kernels()); }

const Engine kEngine{kVersion, &runs_on, &suits_processor, &make_cpu_network,
                     nullptr,  &plan,    &time_steps,      &peak};

}  // namespace
}  // namespace pose::cpu

/// Named by `kEngineEntry`.
extern "C" const pose::Engine* pose_engine() { return &pose::cpu::kEngine; }
