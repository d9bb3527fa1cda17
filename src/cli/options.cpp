#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "base/lookup.h"
#include "cli/exit_code.h"
#include "cli/foreign_words.h"
#include "cli/switches.h"
#include "cli/terminal.h"
#include "options/option_table.h"
#include "pose/error.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 all done, 1 the run failed or differs from --against, 2 usage, 3 some photos failed (listed at the end
and in run.json), 130 interrupted (what was finished is written).

Examples:
  pose --save_img photo.jpg                        picture and JSON in pose-out/
  pose --indir photos --outdir out --save_img
  pose --indir photos --detector yolov3-spp --pose_model hrnet-w48-384x288 --flip shift
  pose inspect duc_se.pth                          what is in a weight file
  pose models                                      the models that pose knows
  pose help inspect                                what a command takes)";

CLI::Option* add_value(CLI::App& app, const Option& option, bool* value) {
  const std::string help(option.help);
  if (option.is_switch()) return app.add_flag(option.flags(), *value, help);
  const auto read_word = [&option, value](const std::string& word) {
    *value = word == word_for(option, true);
    if (word != word_for(option, *value))
      throw Error::usage(option.spelling() + " takes " + std::string(word_for(option, false)) + " or " +
                         std::string(word_for(option, true)) + ", not '" + word + "'");
  };
  return app.add_option_function<std::string>(option.flags(), read_word, help);
}

CLI::Option* add_value(CLI::App& app, const Option& option, std::vector<std::string>* value) {
  return app.add_option(option.flags(), *value, std::string(option.help))->take_all();
}

template <typename Value>
CLI::Option* add_value(CLI::App& app, const Option& option, Value* value) {
  return app.add_option(option.flags(), *value, std::string(option.help));
}

void add_run_options(CLI::App& app, RunOptions& run) {
  for (const Option& option : option_table()) {
    CLI::Option* added =
        std::visit([&](auto* value) { return add_value(app, option, value); }, option.place(run));
    added->group(std::string(option.group));
    if (option.is_switch()) continue;
    added->type_name(std::string(option.value_name))->default_str(default_text(option));
  }
}

/// What the command line does not say of the models is the preset's.
void apply_preset(const CLI::App& app, RunOptions& run) {
  RunOptions preset;
  preset.models = preset_models(run.preset);
  const bool own_detector = !run.models.det_cfg.empty() || !run.models.detfile.empty();
  for (const Option& option : option_table()) {
    if (app.get_option(option.spelling())->count() > 0 || (option.name == "detector" && own_detector))
      continue;
    if (value_text(option, preset) == default_text(option)) continue;
    std::visit([&](auto* value) { *value = *std::get<decltype(value)>(option.place(preset)); },
               option.place(run));
  }
}

void add_switches(CLI::App& app, CommandLine& line) {
  for (const ProgramSwitch& row : kSwitches)
    app.add_flag(row.spelling(), line.*row.place, std::string(row.help))->group(kSwitchGroup);
  app.set_help_flag(kHelpSwitch.spelling(), std::string(kHelpSwitch.help))->group(kSwitchGroup);
  app.set_version_flag(kVersionSwitch.spelling(), std::string("pose ") + kVersion,
                       std::string(kVersionSwitch.help))
      ->group(kSwitchGroup);
}

CLI::Option* add_value(CLI::App& app, const Argument& argument, bool* value) {
  return app.add_flag(argument.name, *value, argument.help);
}

CLI::Option* add_value(CLI::App& app, const Argument& argument, std::vector<std::string>* value) {
  return app.add_option(argument.name, *value, argument.help)->take_all()->default_str("");
}

template <typename Value>
CLI::Option* add_value(CLI::App& app, const Argument& argument, Value* value) {
  return app.add_option(argument.name, *value, argument.help);
}

void add_argument(CLI::App& app, const Argument& argument) {
  CLI::Option* added =
      std::visit([&](auto* value) { return add_value(app, argument, value); }, argument.place);
  added->required(argument.required);
  if (!argument.value_name.empty()) added->type_name(argument.value_name);
}

/// "models" and "get" of "models get"; an outer command stands before its inner ones.
CLI::App& add_subcommand(CLI::App& app, const Command& command) {
  const std::size_t blank = command.name.find(' ');
  if (blank == std::string::npos) return *app.add_subcommand(command.name, command.help);
  return *app.get_subcommand(command.name.substr(0, blank))
              ->add_subcommand(command.name.substr(blank + 1), command.help);
}

void add_commands(CLI::App& app, const std::vector<Command>& commands, CommandLine& line) {
  for (const Command& command : commands) {
    CLI::App& added = add_subcommand(app, command);
    added.footer("");  // of a run alone
    for (const Argument& argument : command.arguments) add_argument(added, argument);
    added.callback([&added, &command, &line] {
      if (added.get_subcommands().empty()) line.command = command.run;
    });
  }
  app.require_subcommand(0, 1);
}

/// "unknown option --outdr; did you mean --outdir?"
std::string unexpected_words(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  std::vector<std::string> names;
  for (const CLI::Option* option : command->get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::vector<std::string> words = app.remaining(true);
  const auto option =
      std::find_if(words.begin(), words.end(), [](const std::string& w) { return w[0] == '-'; });
  if (option == words.end()) return "'" + words.front() + "' is one word too many";
  const std::string nearest =
      nearest_name(option->substr(0, option->find('=')), {names.begin(), names.end()});
  return "unknown option " + *option + (nearest.empty() ? "" : "; did you mean " + nearest + "?");
}

}  // namespace

ParseResult parse_command_line(int argc, const char* const* argv, const std::vector<Command>& commands) {
  ParseResult result;
  CommandLine& line = result.line;
  CLI::App app("pose: photos in, human poses out.", "pose");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.footer(kFooter);
  add_run_options(app, line.run);
  add_switches(app, line);
  add_commands(app, commands, line);
  OwnWords words = in_own_words({argv + 1, argv + argc}, commands);
  line.remarks = std::move(words.remarks);
  std::reverse(words.arguments.begin(), words.arguments.end());  // as CLI11 wants them
  try {
    app.parse(words.arguments);
  } catch (const CLI::ExtrasError&) {
    say(unexpected_words(app) + "\n  'pose --help' lists all");
    result.done = true;
    result.exit_code = kExitUsage;
    return result;
  } catch (const CLI::ParseError& e) {
    result.done = true;
    result.exit_code = e.get_exit_code() == 0 ? kExitOk : kExitUsage;
    if (e.get_exit_code() == 0)
      app.exit(e, std::cout, std::cerr);
    else
      say(std::string(e.what()) + "\n  'pose --help' says what it takes");
    return result;
  }
  if (!line.command) apply_preset(app, line.run);
  check_options(line.run);
  return result;
}

}  // namespace pose
