#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "pose/results.h"

namespace pose {
namespace {

struct FinishArguments {
  std::string outdir;
};

int finish(const FinishArguments& arguments) {
  const JournalCount count = finish_run(arguments.outdir);
  std::printf("%zu images, %zu people, %zu failed; results in %s\n", count.photos, count.people, count.failed,
              arguments.outdir.c_str());
  return count.failed == 0 ? kExitOk : kExitSomeFailed;
}

}  // namespace

Command finish_command() {
  return make_command<FinishArguments>(
      "finish", "make result files from the journal of a run that was broken off",
      {{"OUTDIR", "", "the run's output folder", &FinishArguments::outdir, true}}, &finish);
}

}  // namespace pose
