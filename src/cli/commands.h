#pragma once

#include "cli/options.h"

namespace pose {

// One function per command; each returns the exit code and throws `Error` for what makes the command fail.

int run_command(const CommandLine& line);
int finish_command(const CommandLine& line);
int inspect_command(const CommandLine& line);
int convert_command(const CommandLine& line);
int models_command(const CommandLine& line);
int models_get_command(const CommandLine& line);

}  // namespace pose
