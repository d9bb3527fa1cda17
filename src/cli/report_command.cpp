#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "pose/report.h"

namespace pose {
namespace {

struct ReportArguments {
  std::string outdir, against;
};

int report(const ReportArguments& arguments) {
  std::printf("%s\n", for_terminal(write_report(arguments.outdir, arguments.against)).c_str());
  return kExitOk;
}

}  // namespace

Command report_command() {
  return make_command<ReportArguments>(
      "report", "make pages of a run for a browser: OUTDIR/report/index.html",
      {{"OUTDIR", "", "the run's output folder", &ReportArguments::outdir, true},
       {"--against", "DIR", "another run's output folder, to show both side by side",
        &ReportArguments::against}},
      &report);
}

}  // namespace pose
