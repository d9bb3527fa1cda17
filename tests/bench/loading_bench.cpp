// Loading weight files into networks against merely reading the files: HRNet-W48 as torch.save writes it, and
// YOLOv3-SPP as Darknet does, both with seeded weights. Prints medians, and the memory beyond what the
// network keeps.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "graph/architectures.h"
#include "graph/darknet.h"
#include "pose/network_factory.h"
#include "support/darknet_files.h"
#include "support/files.h"
#include "support/summary.h"
#include "support/torch_files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Memory of this process that is not backed by files, MB.
double anonymous_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("RssAnon:", 0) == 0) return std::stod(line.substr(8)) / 1024;
  return 0;
}

/// Watches the peak of `anonymous_mb` until it goes out of scope.
class PeakMemory {
 public:
  PeakMemory()
      : watcher_([this] {
          while (!done_) {
            peak_ = std::max(peak_, anonymous_mb());
            std::this_thread::sleep_for(std::chrono::microseconds(500));
          }
        }) {}
  double stop() {
    done_ = true;
    watcher_.join();
    return peak_;
  }

 private:
  double peak_ = 0;
  std::atomic<bool> done_{false};
  std::thread watcher_;
};

double time_to_read(const std::string& path) {
  const auto start = Clock::now();
  std::string bytes(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  benchmark::DoNotOptimize(bytes.data());
  return seconds_since(start);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <typename Load>
void compare(benchmark::State& state, const std::string& path, Load load) {
  load();  // the engine itself is loaded
  std::vector<double> reading, loading, ratio, extra;
  for ([[maybe_unused]] auto _ : state) {
    reading.push_back(time_to_read(path));
    malloc_trim(0);
    PeakMemory peak;
    const auto start = Clock::now();
    const auto network = load();
    loading.push_back(seconds_since(start));
    const double highest = peak.stop();
    malloc_trim(0);
    extra.push_back(highest - anonymous_mb());
    ratio.push_back(loading.back() / reading.back());
    state.SetIterationTime(loading.back());
  }
  state.counters["file_MB"] = static_cast<double>(fs::file_size(path)) / 1e6;
  state.counters["ms_read"] = median(reading) * 1e3;
  state.counters["ms_load"] = median(loading) * 1e3;
  state.counters["ratio"] = median(ratio);
  state.counters["extra_MB"] = median(extra);
}

void hrnet_w48(benchmark::State& state) {
  const test::TempFolder folder;
  ModelCard card;
  card.name = "hrnet-w48";
  card.architecture = "hrnet";
  card.params = {{"width", {48}}};
  card.input.width = 288;
  card.input.height = 384;
  card.output_channels = 17;
  card.heatmap_width = 72;
  card.heatmap_height = 96;
  card.weights = folder / "w48.pth";
  test::write_zip_pth(card.weights, test::saved_tensors(test::seeded_graph(build_pose_graph(card), 0.35)));
  compare(state, card.weights, [&] { return make_pose_network(card, {}); });
}

void yolov3_spp(benchmark::State& state) {
  const test::TempFolder folder;
  ModelCard card = load_model_card("yolov3-spp", model_folders());
  card.weights = folder / "spp.weights";
  DarknetGraph darknet = build_darknet(read_darknet_cfg(card.config), 608, darknet_style(card.det_rules));
  const std::vector<DarknetTensor> order = darknet.file_order;
  test::write_darknet_weights(card.weights, order, test::seeded_graph(std::move(darknet.graph), 0.5));
  compare(state, card.weights, [&] { return make_detector_network(card, 608, {}).network; });
}

BENCHMARK(hrnet_w48)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK(yolov3_spp)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(7);

}  // namespace
}  // namespace pose
