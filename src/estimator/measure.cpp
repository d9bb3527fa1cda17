#include "estimator/measure.h"

#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/usable_cores.h"
#include "estimator/load_models.h"
#include "graph/architectures.h"
#include "graph/describe.h"
#include "graph/passes.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr double kLeastMs = 500;
constexpr std::size_t kFewestRounds = 5;

/// Numbers of a size that keeps results in range, layer after layer; no two alike in a row.
Blob formula_values(const Node&, const Param& param) {
  Blob blob(param.shape);
  const std::int64_t count = blob.elements();
  const bool spread = param.shape.size() > 1;
  const auto fan_in = static_cast<double>(count) / static_cast<double>(param.shape.at(0));
  const double size = spread ? std::sqrt(3 / fan_in) : 1;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    const double unit = static_cast<double>(state >> 8) / (1 << 24);
    blob.data()[i] = static_cast<float>(spread ? size * (2 * unit - 1) : 0.5 + unit);
  }
  return blob;
}

BoundGraph formula_network(const ModelCard& card, const EngineOptions& options) {
  BoundGraph bound = bind_weights(graph_of(card), &formula_values);
  return options.fold_batch_norm ? fold_batch_norm(std::move(bound)) : bound;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Calls `run`, which gives its milliseconds, once to warm up and then until enough time has passed.
template <typename Run>
std::vector<double> repeat(Run run) {
  run();
  std::vector<double> times;
  for (double total = 0; total < kLeastMs || times.size() < kFewestRounds; total += times.back())
    times.push_back(run());
  return times;
}

double run_once(Network& network, const Blob& batch) {
  const auto begin = std::chrono::steady_clock::now();
  network.forward(batch);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Of every step the median over some runs.
std::vector<double> step_medians(const Engine& engine, Network& network, const Blob& batch) {
  std::vector<std::vector<double>> runs;
  repeat([&] {
    runs.push_back(engine.time_steps(network, batch));
    return std::accumulate(runs.back().begin(), runs.back().end(), 0.0);
  });
  std::vector<double> medians;
  for (std::size_t i = 0; i < runs.front().size(); ++i) {
    std::vector<double> times;
    for (const std::vector<double>& run : runs) times.push_back(run[i]);
    medians.push_back(median(std::move(times)) / static_cast<double>(batch.dim(0)));
  }
  return medians;
}

NetworkTiming timing_of(const ModelCard& card, int batch, const EngineOptions& options) {
  NetworkTiming timing;
  timing.name = card.name;
  timing.batch = batch;
  timing.threads = options.threads > 0 ? options.threads : usable_cores();
  return timing;
}

NetworkTiming measure_program(const ModelCard& card, int batch, const EngineOptions& options) {
  NetworkTiming timing = timing_of(card, batch, options);
  timing.engine = "torch";
  const std::unique_ptr<Network> network = make_pose_network(card, options);
  const Blob input({batch, 3, card.input.height, card.input.width});
  timing.ms = median(repeat([&] { return run_once(*network, input); })) / batch;
  return timing;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A new folder, removed with everything in it.
class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "pose-bench-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw Error::io("cannot make the folder " + path_, errno);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

std::vector<PlanStep> plan_of(const ModelCard& card, const EngineOptions& options) {
  if (card.architecture == kTorchScript)
    throw Error::usage("model card '" + card.name + "' is a TorchScript program: no plan is made for it");
  const Engine& chosen = engine(options.engine);
  if (chosen.plan == nullptr)
    throw Error::usage("engine 'torch' decides as it runs and has no plan; take --engine cpu");
  return chosen.plan(formula_network(card, options));
}

NetworkTiming measure_network(const ModelCard& card, int batch, const EngineOptions& options,
                              bool each_step) {
  if (card.architecture == kTorchScript) return measure_program(card, batch, options);
  NetworkTiming timing = timing_of(card, batch, options);
  const Engine& chosen = engine(options.engine);
  timing.engine = chosen.plan ? "cpu" : "torch";
  BoundGraph bound = formula_network(card, options);
  const Graph& graph = bound.graph;
  const Chw in = graph.nodes.front().shape;
  double macs = 0;
  for (const Node& node : graph.nodes) macs += static_cast<double>(multiply_adds(graph, node));
  if (each_step && chosen.plan) timing.steps = chosen.plan(bound);
  const std::unique_ptr<Network> network = chosen.make(std::move(bound), options);
  const Blob input({batch, in.c, in.h, in.w});
  timing.ms = median(repeat([&] { return run_once(*network, input); })) / batch;
  timing.gmac_s = macs / timing.ms / 1e6;
  if (each_step && chosen.time_steps) timing.step_ms = step_medians(chosen, *network, input);
  if (chosen.measure_peak)
    timing.share_of_peak = timing.gmac_s * 1e9 / (chosen.measure_peak() * timing.threads);
  return timing;
}

FolderTiming measure_folder(RunOptions options) {
  const ScratchFolder folder;
  options.output.outdir = folder.path();
  const std::vector<SourcePhoto> photos = collect_photos(options.source);
  const auto begin = std::chrono::steady_clock::now();
  Models models = load_models(choose_models(options.models), options.models, options.machine);
  FolderTiming timing;
  timing.load_seconds = seconds_since(begin);
  Journal journal(folder.path(), RunInfo{}, false);
  const RunSummary summary = run_pipeline(photos, models, options, journal, {});
  timing.photos = summary.photos;
  timing.failed = summary.failed.size();
  timing.people = summary.people;
  timing.seconds = summary.seconds;
  timing.stage_seconds = summary.stage_seconds;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr std::int64_t kKilobyte = 1024;
  timing.peak_bytes = usage.ru_maxrss * kKilobyte;
  return timing;
}

}  // namespace pose
