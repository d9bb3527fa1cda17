#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "pose/error.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of writing
  try {
    const pose::ParseResult parsed = pose::parse_command_line(argc, argv, pose::commands());
    if (parsed.done) return parsed.exit_code;
    return parsed.line.command ? parsed.line.command() : pose::run_command(parsed.line);
  } catch (
      const std::bad_alloc&) {  // there may be none for a message either, nor for what libraries do at exit
    std::fputs("pose: not enough memory\n", stderr);
    std::_Exit(pose::kExitFailed);
  } catch (...) {
    const pose::Error error = pose::current_error();
    pose::say((error.kind() == pose::ErrorKind::kInternal ? "internal error: " : "") +
              std::string(error.what()));
    return pose::exit_code_of(error);
  }
}
