#include "cli/against.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "pose/compare.h"

namespace pose {
namespace {

constexpr std::size_t kMostLines = 20;

}  // namespace

Against::Against(const CompareOptions& options) : options_(options) {
  if (!options.against.empty()) reference_ = read_results(options.against);
}

int Against::check(const std::string& outdir, bool quiet, int exit_code) const {
  if (!reference_) return exit_code;
  const Comparison comparison = compare_results(*reference_, read_results(outdir), options_);
  if (!comparison.same() || !quiet)
    std::fprintf(stderr, "pose: A is %s, B is %s\n%s", options_.against.c_str(), outdir.c_str(),
                 describe(comparison, kMostLines).c_str());
  return comparison.same() ? exit_code : kExitFailed;
}

}  // namespace pose
