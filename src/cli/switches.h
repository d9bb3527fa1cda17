#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace pose {

/// A switch that says how the program talks, and nothing about the run.
struct ProgramSwitch {
  std::string_view name;
  char letter;  ///< of the short form, or 0
  std::string_view help;
  bool CommandLine::*place;  ///< null: the parser's own

  /// "-q,--quiet"
  std::string spelling() const {
    return (letter ? std::string("-") + letter + "," : "") + "--" + std::string(name);
  }
};

constexpr const char* kSwitchGroup = "Machine and messages";

constexpr ProgramSwitch kSwitches[]{
    {"profile", 0, "print seconds per stage at the end", &CommandLine::profile},
    {"quiet", 'q', "errors only", &CommandLine::quiet},
    {"verbose", 'v', "a line per photo, and details", &CommandLine::verbose},
};
constexpr ProgramSwitch kHelpSwitch{"help", 'h', "print this help and exit", nullptr};
constexpr ProgramSwitch kVersionSwitch{"version", 'V', "print the version and exit", nullptr};

}  // namespace pose
