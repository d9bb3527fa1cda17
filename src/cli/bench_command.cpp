#include <algorithm>
#include <cstdio>

#include "base/json_text.h"
#include "base/processor_name.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "estimator/measure.h"
#include "graph/architectures.h"
#include "pose/error.h"
#include "pose/options.h"
#include "pose/version.h"

namespace pose {
namespace {

struct BenchArguments {
  std::vector<std::string> cards, models_dir;
  std::string indir;
  int batch = 0, threads = 0;
  std::string engine = "auto";
  bool verbose = false, json = false;
};

void check(const BenchArguments& arguments) {
  MachineOptions machine;
  machine.threads = arguments.threads;
  check_options(machine);
  constexpr int kMostBatch = 4096;
  if (arguments.batch < 0 || arguments.batch > kMostBatch)
    throw Error::usage("--batch takes 1 to " + std::to_string(kMostBatch) + ", not " +
                       std::to_string(arguments.batch));
}

/// Batches to measure: the one asked for, or 1 and what a run takes by default.
std::vector<int> batches(const BenchArguments& arguments, ModelRole role) {
  if (arguments.batch > 0) return {arguments.batch};
  const MachineOptions defaults;
  const int usual = role == ModelRole::kPose ? defaults.posebatch : defaults.detbatch;
  return usual > 1 ? std::vector<int>{1, usual} : std::vector<int>{1};
}

std::string fixed(double value, int decimals) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

void print_steps(const NetworkTiming& timing) {
  for (std::size_t i = 0; i < timing.step_ms.size(); ++i) {
    const PlanStep& step = timing.steps[i];
    const double rate = static_cast<double>(step.macs) / std::max(timing.step_ms[i], 1e-6) / 1e6;
    std::printf("  %9.3f ms %9s GMAC/s  %-13s %-32s %s\n", timing.step_ms[i],
                step.macs > 0 ? fixed(rate, 1).c_str() : "-", step.algorithm.c_str(), step.layer.c_str(),
                step.shapes.c_str());
  }
}

void print_row(const NetworkTiming& timing, bool verbose) {
  std::printf("%-26s %5d %7d  %-5s %-6s %9.2f %9s %8s\n", timing.name.c_str(), timing.batch, timing.threads,
              timing.precision.c_str(), timing.engine.c_str(), timing.ms,
              timing.gmac_s > 0 ? fixed(timing.gmac_s, 1).c_str() : "-",
              timing.share_of_peak > 0 ? (fixed(100 * timing.share_of_peak, 0) + " %").c_str() : "-");
  if (verbose) print_steps(timing);
  std::fflush(stdout);
}

std::string row_json(const NetworkTiming& timing, bool verbose) {
  std::string text =
      "{\"name\": " + json_string(timing.name) + ", \"batch\": " + std::to_string(timing.batch) +
      ", \"threads\": " + std::to_string(timing.threads) + ", \"precision\": \"" + timing.precision +
      "\", \"engine\": \"" + timing.engine + "\", \"ms\": " + fixed(timing.ms, 4) +
      ", \"gmac_s\": " + fixed(timing.gmac_s, 3) + ", \"share_of_peak\": " + fixed(timing.share_of_peak, 4);
  if (!verbose) return text + "}";
  text += ", \"steps\": [";
  for (std::size_t i = 0; i < timing.step_ms.size(); ++i)
    text += (i ? ",\n  " : "\n  ") + ("{\"algorithm\": " + json_string(timing.steps[i].algorithm)) +
            ", \"layer\": " + json_string(timing.steps[i].layer) +
            ", \"shapes\": " + json_string(timing.steps[i].shapes) +
            ", \"macs\": " + std::to_string(timing.steps[i].macs) +
            ", \"ms\": " + fixed(timing.step_ms[i], 5) + "}";
  return text + "]}";
}

/// The cards that were named, or all that can be measured: TorchScript needs its file.
std::vector<ModelCard> chosen_cards(const BenchArguments& arguments) {
  const std::vector<std::string> folders = model_folders(arguments.models_dir);
  std::vector<ModelCard> cards;
  for (const std::string& name : arguments.cards) cards.push_back(load_model_card(name, folders));
  if (!cards.empty()) return cards;
  for (ModelCard& card : list_model_cards(folders))
    if (card.architecture != kTorchScript || missing_weights_message(card).empty())
      cards.push_back(std::move(card));
  return cards;
}

/// A run of the folder with the cards that were named, or the usual ones.
FolderTiming time_folder(const BenchArguments& arguments) {
  RunOptions run;
  run.source.indir = arguments.indir;
  run.models.models_dir = arguments.models_dir;
  run.machine.engine = arguments.engine;
  run.machine.threads = arguments.threads;
  if (arguments.batch > 0) run.machine.posebatch = arguments.batch;
  for (const std::string& name : arguments.cards) {
    const ModelCard card = load_model_card(name, model_folders(arguments.models_dir));
    (card.role == ModelRole::kPose ? run.models.pose_model : run.models.detector) = name;
  }
  return measure_folder(run);
}

double per_second(std::size_t count, double seconds) {
  return static_cast<double>(count) / std::max(seconds, 1e-9);
}

int bench_folder(const BenchArguments& arguments) {
  const FolderTiming timing = time_folder(arguments);
  const double images_s = per_second(timing.photos, timing.seconds),
               people_s = per_second(timing.people, timing.seconds),
               megabytes = static_cast<double>(timing.peak_bytes) / 1e6;
  if (arguments.json)
    std::printf(
        "{\"version\": %s, \"processor\": %s, \"photos\": %zu, \"failed\": %zu, \"people\": %zu, "
        "\"load_s\": %.3f, \"seconds\": %.3f, \"images_s\": %.2f, \"people_s\": %.2f, "
        "\"peak_mb\": %.0f, \"stages\": {",
        json_string(kVersion).c_str(), json_string(processor_name()).c_str(), timing.photos, timing.failed,
        timing.people, timing.load_seconds, timing.seconds, images_s, people_s, megabytes);
  else
    std::printf(
        "pose %s on %s\n%zu photos, %zu people, %zu failed in %.2f s, networks ready in %.2f s: %.1f "
        "images/s, "
        "%.1f people/s, at most %.0f MB\n",
        kVersion, processor_name().c_str(), timing.photos, timing.people, timing.failed, timing.seconds,
        timing.load_seconds, images_s, people_s, megabytes);
  for (std::size_t i = 0; i < kStageNames.size(); ++i)
    std::printf(arguments.json ? "%s\"%s\": %.3f" : "%s%-8s %8.3f s\n", arguments.json && i > 0 ? ", " : "",
                std::string(kStageNames[i]).c_str(), timing.stage_seconds[i]);
  if (arguments.json) std::printf("}}\n");
  return timing.failed == 0 ? kExitOk : kExitSomeFailed;
}

int bench(const BenchArguments& arguments) {
  check(arguments);
  if (!arguments.indir.empty()) return bench_folder(arguments);
  EngineOptions options;
  options.engine = arguments.engine;
  options.threads = arguments.threads;
  if (arguments.json)
    std::printf("{\"version\": %s, \"processor\": %s, \"rows\": [", json_string(kVersion).c_str(),
                json_string(processor_name()).c_str());
  else
    std::printf("pose %s on %s\n%-26s %5s %7s  %-5s %-6s %9s %9s %8s\n", kVersion, processor_name().c_str(),
                "network", "batch", "threads", "type", "engine", "ms each", "GMAC/s", "of peak");
  bool first = true;
  for (const ModelCard& card : chosen_cards(arguments))
    for (const int batch : batches(arguments, card.role)) {
      const NetworkTiming timing = measure_network(card, batch, options, arguments.verbose);
      if (arguments.json)
        std::printf("%s\n%s", first ? "" : ",", row_json(timing, arguments.verbose).c_str());
      else
        print_row(timing, arguments.verbose);
      first = false;
    }
  if (arguments.json) std::printf("\n]}\n");
  return kExitOk;
}

}  // namespace

Command bench_command() {
  return make_command<BenchArguments>(
      "bench", "measure how fast networks run on this machine; weights need not be there",
      {{"CARD", "", "cards to measure (all)", &BenchArguments::cards},
       {"--indir", "DIR", "a run over this folder, from photo to JSON, instead of networks alone",
        &BenchArguments::indir},
       {"--batch", "N", "items that run together (1, and what a run takes by default)",
        &BenchArguments::batch},
       {"--threads", "N", "threads of the network (all)", &BenchArguments::threads},
       {"--engine", "NAME", "auto, cpu, torch (auto)", &BenchArguments::engine},
       {"-v,--verbose", "", "each layer with its algorithm, time and rate", &BenchArguments::verbose},
       {"--json", "", "as JSON", &BenchArguments::json},
       {"--models_dir", "DIR", "more folders with cards", &BenchArguments::models_dir}},
      &bench);
}

}  // namespace pose
