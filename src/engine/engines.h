#pragma once

#include <memory>
#include <string_view>

#include "graph/binding.h"
#include "pose/network.h"
#include "pose/network_factory.h"

namespace pose {

/// One row of the table of engines: makes a graph with its weights ready to run.
struct Engine {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<Network> (*make)(BoundGraph bound, const EngineOptions& options);
};

/// Throws `kUsage` with the nearest name.
const Engine& engine(std::string_view name);

}  // namespace pose
