#pragma once

#include <memory>

#include "engine/cpu/kernels.h"
#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose::cpu {

/// Plans a graph, packs its weights, and runs it on `options.threads` threads. Batches of any size give the
/// same numbers, item by item, as single items do. Throws `kUsage` for a device other than the CPU.
std::unique_ptr<Network> make_cpu_network(BoundGraph bound, const EngineOptions& options);

/// The same with loops of another processor, for tests and to compare.
std::unique_ptr<Network> make_cpu_network(BoundGraph bound, int threads, const Kernels& kernels);

/// Runs a network that was made here; milliseconds of every step of its plan. Throws `kUsage` for another's.
std::vector<double> time_steps(Network& network, const Blob& batch);

/// Multiply-adds a second of one thread, at most: the best of some short runs.
double measure_peak(const Kernels& kernels);

}  // namespace pose::cpu
