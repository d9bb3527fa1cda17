#pragma once

#include <optional>
#include <string>

#include "pose/options.h"
#include "pose/results.h"

namespace pose {

/// What `--against` asks of a run: that its results are those of a reference.
class Against {
 public:
  /// Reads the reference, so that one that cannot be read costs no run. Nothing without `--against`.
  explicit Against(const CompareOptions& options);

  /// Compares the results in `outdir` and tells what differs; a word that nothing does is left out if
  /// `quiet`. Gives the exit code of a run that has ended with `exit_code`.
  int check(const std::string& outdir, bool quiet, int exit_code) const;

 private:
  const CompareOptions& options_;
  std::optional<Results> reference_;
};

}  // namespace pose
