#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "pose/options.h"

namespace pose {

/// What the user asked for, with defaults filled in.
struct CommandLine {
  std::function<int()> command;  ///< empty for a run

  RunOptions run;
  std::vector<std::string> remarks;  ///< on words that were left out
  bool profile = false;
  bool quiet = false;
  bool verbose = false;
};

struct ParseResult {
  bool done = false;  ///< help, version or a usage error was printed: leave with `exit_code`
  int exit_code = 0;
  CommandLine line;
};

/// Understands the command line. Hyphens in option names count as underscores (`--save-img` is `--save_img`),
/// and words of other programs are understood (`foreign_words.h`). A command of `commands` is bound to
/// `line.command`, not yet run. Throws `kUsage` for values that cannot be.
ParseResult parse_command_line(int argc, const char* const* argv, const std::vector<Command>& commands = {});

}  // namespace pose
