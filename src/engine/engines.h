#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// One step of an engine's plan, for people.
struct PlanStep {
  std::string algorithm;   ///< "winograd-4x4"
  std::string layer;       ///< whose result it gives
  std::string shapes;      ///< "32x64x48 -> 32x64x48"
  std::int64_t place = 0;  ///< of the result in the memory of all maps, floats of one item
  std::int64_t macs = 0;   ///< multiply-adds of one item, as the direct form counts them
};

/// What an engine can do. Every engine is a shared library of its own, opened when the first network is made:
/// LibTorch alone takes longer to load than everything else that the program does before its first photo.
struct Engine {
  const char* version;  ///< of pose that it was built with
  /// What its loops are made for, or the library that it is made of: "avx2", "LibTorch 1.13.1".
  const char* (*runs_on)();
  /// Whether it has loops that were made for this processor.
  bool (*suits_processor)();
  /// Makes a graph with its weights ready to run.
  std::unique_ptr<Network> (*make)(BoundGraph bound, const EngineOptions& options);
  /// Loads a network that brings its own program; null where the engine has none.
  std::unique_ptr<Network> (*load_program)(const std::string& path, const EngineOptions& options);
  // Null where an engine decides as it runs:
  /// The steps in which a graph would be run.
  std::vector<PlanStep> (*plan)(BoundGraph bound);
  /// Runs a network of this engine and says how long each step of its plan took, in milliseconds.
  std::vector<double> (*time_steps)(Network& network, const Blob& batch);
  /// Multiply-adds a second that one thread can do at most: measured, in some hundredths of a second.
  double (*measure_peak)();
};

/// The name under which a library gives its `Engine`: a function without arguments that returns `const
/// Engine*`.
constexpr const char* kEngineEntry = "pose_engine";

/// Opens the engine called `name`; "auto" is our own where it suits the processor, LibTorch otherwise. Throws
/// `kUsage` with the nearest name, `kNotFound` if its library is not there or of another version.
const Engine& engine(std::string_view name);

/// Names of all engines, "auto" left out.
std::vector<std::string> engine_names();

/// Throws `kMismatch` unless `batch` is one or more items of the graph's input.
void check_batch(const Graph& graph, const Blob& batch);

}  // namespace pose
