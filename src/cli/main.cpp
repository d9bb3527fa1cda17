#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/options.h"

namespace pose {
namespace {

int dispatch(const CommandLine& line) {
  switch (line.command) {
    case Command::kRun: return run_command(line);
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
  try {
    const pose::ParseResult parsed = pose::parse_command_line(argc, argv);
    return parsed.done ? parsed.exit_code : pose::dispatch(parsed.line);
  } catch (const pose::Error& e) {
    std::fprintf(stderr, "pose: %s\n", e.what());
    return pose::exit_code_of(e);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pose: internal error: %s\n", e.what());
    return pose::kExitFailed;
  }
}
