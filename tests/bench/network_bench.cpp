// Whole networks on the executor against the same networks run layer by layer: batch norms on their own,
// every result a new tensor, row-major tensors, weights as they come. Both are timed in turns, so that other
// work on the machine meets both alike; the numbers are medians.

#include <ATen/Parallel.h>
#include <ATen/ops/add.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <ctime>

#include "engine/torch/convert.h"
#include "engine/torch/operators.h"
#include "engine/torch/torch_network.h"
#include "graph/architectures.h"
#include "graph/passes.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using Tensors = std::vector<at::Tensor>;

class LayerByLayer {
 public:
  explicit LayerByLayer(const BoundGraph& bound) : graph_(bound.graph), releases_(releases(graph_)) {
    for (const std::vector<Blob>& values : bound.values) {
      weights_.emplace_back();
      for (const Blob& blob : values) weights_.back().push_back(to_tensor(blob).clone());
    }
  }

  at::Tensor forward(const Blob& batch) const {
    const c10::InferenceMode no_autograd;
    Tensors results(graph_.nodes.size());
    results[0] = to_tensor(batch);
    for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
      Tensors inputs;
      for (const NodeId id : graph_.nodes[i].inputs) inputs.push_back(results[static_cast<std::size_t>(id)]);
      results[i] = step(graph_.nodes[i], inputs, weights_[i]);
      for (const NodeId id : releases_[i]) results[static_cast<std::size_t>(id)] = at::Tensor();
    }
    return results[static_cast<std::size_t>(graph_.outputs[0])];
  }

 private:
  static at::Tensor step(const Node& node, const Tensors& inputs, const Tensors& weights) {
    if (node.op == Op::kActivation) return activate(inputs[0].clone(), node.activation);
    if (node.op != Op::kAdd) return compute(node, inputs, weights);
    at::Tensor sum = at::add(inputs[0], inputs[1]);
    for (std::size_t k = 2; k < inputs.size(); ++k) sum = at::add(sum, inputs[k]);
    return sum;
  }

  Graph graph_;
  std::vector<std::vector<NodeId>> releases_;
  std::vector<Tensors> weights_;
};

/// Seconds that `work` takes: of the clock, or of this process's processors.
template <typename Work>
double seconds(clockid_t clock, Work work) {
  timespec begin{}, end{};
  clock_gettime(clock, &begin);
  work();
  clock_gettime(clock, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) +
         1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Arguments: batch size, threads. With one thread processor time counts, which other jobs disturb less.
void compare(benchmark::State& state, const Graph& graph, double gain) {
  EngineOptions options;
  options.threads = static_cast<int>(state.range(1));
  const clockid_t clock = options.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
  const BoundGraph bound = test::seeded_graph(graph, gain);
  const auto executor = make_torch_network(fold_batch_norm(bound), options);
  const auto unfolded = make_torch_network(bound, options);
  const LayerByLayer plain(bound);
  const Chw in = graph.nodes[0].shape;
  const Blob batch = test::seeded_blob("bench", {state.range(0), in.c, in.h, in.w}, -2, 2);
  executor->forward(batch);
  unfolded->forward(batch);
  plain.forward(batch);

  std::vector<double> fast, slow, middle, ratio;
  for ([[maybe_unused]] auto _ : state) {
    slow.push_back(seconds(clock, [&] { plain.forward(batch); }));
    fast.push_back(seconds(clock, [&] { executor->forward(batch); }));
    middle.push_back(seconds(clock, [&] { unfolded->forward(batch); }));
    ratio.push_back(fast.back() / slow.back());
    state.SetIterationTime(fast.back());
  }
  const double to_ms = 1e3 / static_cast<double>(state.range(0));
  state.counters["ms_per_item"] = median(fast) * to_ms;
  state.counters["ms_unfolded"] = median(middle) * to_ms;
  state.counters["ms_layer_by_layer"] = median(slow) * to_ms;
  state.counters["ratio"] = median(ratio);
}

void hrnet_w32(benchmark::State& state) { compare(state, build_hrnet({"", {}, 256, 192, 17}), 0.35); }
void fastpose(benchmark::State& state) { compare(state, build_fastpose({"", {}, 320, 256, 33}), 1.0); }

void batches_and_threads(benchmark::internal::Benchmark* b) {
  b->ArgNames({"batch", "threads"})->Args({8, 1})->Args({8, 2})->Args({1, 1});
  b->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(7);
}

BENCHMARK(hrnet_w32)->Apply(batches_and_threads);
BENCHMARK(fastpose)->Apply(batches_and_threads);

}  // namespace
}  // namespace pose
