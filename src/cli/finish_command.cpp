#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "pose/results.h"

namespace pose {
namespace {

struct FinishArguments {
  std::string outdir;
};

int finish(const FinishArguments& arguments) {
  const JournalCount count = finish_run(arguments.outdir);
  std::printf("%s, %s, %zu failed; results in %s\n", counted(count.photos, "image", "images").c_str(),
              counted(count.people, "person", "people").c_str(), count.failed,
              for_terminal(arguments.outdir).c_str());
  return count.failed == 0 ? kExitOk : kExitSomeFailed;
}

}  // namespace

Command finish_command() {
  return make_command<FinishArguments>(
      "finish", "make result files from the journal of a run that was broken off",
      {{"OUTDIR", "", "the run's output folder", &FinishArguments::outdir, true}}, &finish);
}

}  // namespace pose
