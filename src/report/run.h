#pragma once

#include <string>
#include <vector>

#include "pose/results.h"

namespace pose {

/// A run, as its journal tells it.
struct FinishedRun {
  std::string outdir;
  RunInfo info;
  std::vector<PhotoRecord> photos;  ///< in the order of the run, each once
};

/// Reads the journal in `outdir`, complete or not. Of a photo the last record counts, but a failure does not
/// replace what was done. Throws `kNotFound`, `kIo`, `kFormat`.
FinishedRun read_run(const std::string& outdir);

/// How much the people of one photo differ between two runs: the sum over people of 1 - OKS with their
/// partner, 1 for who has none (src/report/README.md, 2).
double difference(const Skeleton& skeleton, const std::vector<Person>& a, const std::vector<Person>& b);

}  // namespace pose
