#pragma once

#include <memory>
#include <string>

#include "pose/results.h"

namespace pose {

/// How a run ended.
struct RunEnd {
  bool interrupted = false;  ///< not all photos were done
  double seconds = 0;        ///< wall clock
};

/// The account of a run, `run.json`: options, models, and per photo status, people, seconds, error.
std::unique_ptr<ResultWriter> write_run_report(const std::string& path, const RunInfo& run,
                                               const RunEnd& end);

}  // namespace pose
