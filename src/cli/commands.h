#pragma once

#include <vector>

#include "cli/command.h"
#include "cli/options.h"

namespace pose {

// One file per command, NAME_command.cpp, and one row in `commands`.

Command finish_command();
Command merge_command();
Command compare_command();
Command convert_results_command();
Command inspect_command();
Command convert_command();
Command bench_command();
Command doctor_command();
Command help_command();
Command version_command();
Command eval_command();
Command report_command();
/// `models` and `models get`.
std::vector<Command> models_commands();

/// The table of commands, in the order in which they are shown, with values of their own for one call.
std::vector<Command> commands();

/// What the program does without a command: a run.
int run_command(const CommandLine& line);

}  // namespace pose
