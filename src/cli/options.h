#pragma once

#include <string>

#include "pose/options.h"

namespace pose {

enum class Command { kRun, kFinish, kInspect, kConvert, kModels, kModelsGet };

/// What the user asked for, with defaults filled in.
struct CommandLine {
  Command command = Command::kRun;

  RunOptions run;
  bool profile = false;
  bool quiet = false;
  bool verbose = false;

  std::string file;     ///< inspect, convert: the file to read; finish: the folder of results
  std::string output;   ///< convert: the file to write
  bool json = false;    ///< inspect
  bool half = false;    ///< convert
  bool verify = false;  ///< models
  std::string model;    ///< models get: card name
  std::string from;     ///< models get: URL or file instead of the card's sources
};

struct ParseResult {
  bool done = false;  ///< help, version or a usage error was printed: leave with `exit_code`
  int exit_code = 0;
  CommandLine line;
};

/// Understands the command line. Hyphens in option names count as underscores (`--save-img` is `--save_img`).
/// Throws `kUsage` for values that cannot be.
ParseResult parse_command_line(int argc, const char* const* argv);

}  // namespace pose
