#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "pose/error.h"

namespace pose {
namespace {

int dispatch(const CommandLine& line) {
  switch (line.command) {
    case Command::kRun: return run_command(line);
    case Command::kFinish: return finish_command(line);
    case Command::kInspect: return inspect_command(line);
    case Command::kConvert: return convert_command(line);
    case Command::kModels: return models_command(line);
    case Command::kModelsGet: return models_get_command(line);
  }
  return kExitFailed;
}

}  // namespace
}  // namespace pose

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of writing
  try {
    const pose::ParseResult parsed = pose::parse_command_line(argc, argv);
    return parsed.done ? parsed.exit_code : pose::dispatch(parsed.line);
  } catch (
      const std::bad_alloc&) {  // there may be none for a message either, nor for what libraries do at exit
    std::fputs("pose: not enough memory\n", stderr);
    std::_Exit(pose::kExitFailed);
  } catch (...) {
    const pose::Error error = pose::current_error();
    std::fprintf(stderr, "pose: %s%s\n", error.kind() == pose::ErrorKind::kInternal ? "internal error: " : "",
                 error.what());
    return pose::exit_code_of(error);
  }
}
