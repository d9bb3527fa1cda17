#pragma once

#include <string>
#include <vector>

#include "engine/engines.h"
#include "pose/model_card.h"
#include "pose/network_factory.h"
#include "pose/options.h"
#include "pose/pipeline.h"

namespace pose {

/// The steps in which the engine runs a card's network; the weights need not be there. Throws `kUsage` for a
/// card or an engine without a plan (TorchScript, LibTorch), and like `graph_of`.
std::vector<PlanStep> plan_of(const ModelCard& card, const EngineOptions& options);

/// How fast a network runs. Times are medians, in milliseconds.
struct NetworkTiming {
  std::string name, engine, precision = "fp32";
  int batch = 1, threads = 1;
  double ms = 0;             ///< an item
  double gmac_s = 0;         ///< 1e9 multiply-adds of the direct form a second; 0: not known (TorchScript)
  double share_of_peak = 0;  ///< of what `threads` threads could do at most; 0: not known
  std::vector<PlanStep> steps;
  std::vector<double>
      step_ms;  ///< an item, of each step; both empty unless asked for and where the engine has no plan
};

/// Measures a card's network on batches of `batch` blank items, for at least half a second. Weights are made
/// by a formula: times do not depend on them, and the file need not be there, except for TorchScript. Throws
/// like `make_pose_network`. `each_step`: the steps of the plan as well, in runs of their own.
NetworkTiming measure_network(const ModelCard& card, int batch, const EngineOptions& options, bool each_step);

/// How fast a folder of photos goes through both networks and everything around them.
struct FolderTiming {
  std::size_t photos = 0, failed = 0, people = 0;
  double load_seconds = 0;  ///< both networks
  double seconds = 0;       ///< wall clock of the run without that
  StageSeconds stage_seconds{};
  std::int64_t peak_bytes = 0;  ///< the most memory that the process has had
};

/// Runs the photos that `options` name; results go to a folder of their own, which is removed. Throws like
/// `collect_photos`, `choose_models`, `load_models` and `run_pipeline`, `kIo`.
FolderTiming measure_folder(RunOptions options);

}  // namespace pose
