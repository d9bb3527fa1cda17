#include <cstdio>

#include "base/lookup.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "pose/version.h"

namespace pose {
namespace {

struct HelpArguments {
  std::vector<std::string> command;
};

int help(const HelpArguments& arguments) {
  std::vector<const char*> words{"pose"};
  if (!arguments.command.empty()) lookup(commands(), arguments.command[0], "command");
  for (const std::string& word : arguments.command) words.push_back(word.c_str());
  words.push_back("--help");
  return parse_command_line(static_cast<int>(words.size()), words.data(), commands()).exit_code;
}

int version(const HelpArguments&) {
  std::printf("pose %s\n", kVersion);
  return kExitOk;
}

}  // namespace

Command help_command() {
  return make_command<HelpArguments>("help", "what pose, or a command, takes",
                                     {{"COMMAND", "", "a command's name", &HelpArguments::command}}, &help);
}

Command version_command() {
  return make_command<HelpArguments>("version", "print the version", {}, &version);
}

}  // namespace pose
