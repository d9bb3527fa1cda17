#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// What an engine can do. Every engine is a shared library of its own, opened when the first network is made:
/// LibTorch alone takes longer to load than everything else that the program does before its first photo.
struct Engine {
  const char* version;  ///< of pose that it was built with
  /// Whether it has loops that were made for this processor.
  bool (*suits_processor)();
  /// Makes a graph with its weights ready to run.
  std::unique_ptr<Network> (*make)(BoundGraph bound, const EngineOptions& options);
  /// Loads a network that brings its own program; null where the engine has none.
  std::unique_ptr<Network> (*load_program)(const std::string& path, const EngineOptions& options);
};

/// The name under which a library gives its `Engine`: a function without arguments that returns `const
/// Engine*`.
constexpr const char* kEngineEntry = "pose_engine";

/// Opens the engine called `name`; "auto" is our own where it suits the processor, LibTorch otherwise. Throws
/// `kUsage` with the nearest name, `kNotFound` if its library is not there or of another version.
const Engine& engine(std::string_view name);

/// Throws `kMismatch` unless `batch` is one or more items of the graph's input.
void check_batch(const Graph& graph, const Blob& batch);

}  // namespace pose
