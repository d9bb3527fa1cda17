#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/exit_code.h"
#include "cli/switches.h"
#include "options/option_table.h"
#include "pose/error.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 all done, 1 the run failed, 2 usage, 3 some photos failed (listed at the end and in run.json),
130 interrupted (what was finished is written).

Examples:
  pose --save_img photo.jpg                        picture and JSON in pose-out/
  pose --indir photos --outdir out --save_img
  pose --indir photos --detector yolov3-spp --pose_model hrnet-w48-384x288 --flip shift
  pose inspect duc_se.pth                          what is in a weight file
  pose models                                      the models that pose knows)";

/// Options are written with underscores, as AlphaPose does; hyphens are taken as well.
std::string with_underscores(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const auto end =
      argument.begin() + static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
  std::replace(argument.begin() + 2, end, '-', '_');
  return argument;
}

/// The arguments in the order that CLI11 wants them: reversed, without the program's name.
std::vector<std::string> reversed_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool names = true;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") names = false;
    arguments.push_back(names ? with_underscores(argument) : argument);
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

CLI::Option* add_value(CLI::App& app, const Option& option, bool* value) {
  const std::string help(option.help);
  if (option.is_switch()) return app.add_flag(option.spelling(), *value, help);
  const auto read_word = [&option, value](const std::string& word) {
    *value = word == word_for(option, true);
    if (word != word_for(option, *value))
      throw Error::usage(option.spelling() + " takes " + std::string(word_for(option, false)) + " or " +
                         std::string(word_for(option, true)) + ", not '" + word + "'");
  };
  return app.add_option_function<std::string>(option.spelling(), read_word, help);
}

CLI::Option* add_value(CLI::App& app, const Option& option, std::vector<std::string>* value) {
  return app.add_option(option.spelling(), *value, std::string(option.help))->take_all();
}

template <typename Value>
CLI::Option* add_value(CLI::App& app, const Option& option, Value* value) {
  return app.add_option(option.spelling(), *value, std::string(option.help));
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

void add_switches(CLI::App& app, CommandLine& line) {
  for (const ProgramSwitch& row : kSwitches)
    app.add_flag(row.spelling(), line.*row.place, std::string(row.help))->group(kSwitchGroup);
  app.set_help_flag(kHelpSwitch.spelling(), std::string(kHelpSwitch.help))->group(kSwitchGroup);
  app.set_version_flag(kVersionSwitch.spelling(), std::string("pose ") + kVersion,
                       std::string(kVersionSwitch.help))
      ->group(kSwitchGroup);
}

void add_commands(CLI::App& app, CommandLine& line) {
  CLI::App* finish =
      app.add_subcommand("finish", "make result files from the journal of a run that was broken off");
  finish->add_option("OUTDIR", line.file, "the run's output folder")->required();
  finish->callback([&line] { line.command = Command::kFinish; });

  CLI::App* inspect = app.add_subcommand("inspect", "show what is in a weight file, cfg or model card");
  inspect->add_option("FILE", line.file, "any weight file, .cfg, card name or path")->required();
  inspect->add_flag("--json", line.json, "as JSON");

  CLI::App* convert = app.add_subcommand("convert", "write any readable weight file as .safetensors");
  convert->add_option("FILE", line.file)->required();
  convert->add_option("OUT", line.output)->required();
  convert->add_flag("--half", line.half, "store floating point tensors as 16 bit");

  CLI::App* models = app.add_subcommand("models", "list the model cards; verify or get their weights");
  models->add_flag("--verify", line.verify, "check sizes and sha256 of the weights that are there");
  models->add_option("--models_dir", line.run.models.models_dir, "more folders with cards")
      ->take_all()
      ->default_str("");
  CLI::App* get = models->add_subcommand("get", "fetch the weights of a card");
  get->add_option("NAME", line.model)->required();
  get->add_option("--from", line.from, "this URL or file instead of the card's sources");
  get->callback([&line] { line.command = Command::kModelsGet; });
  inspect->callback([&line] { line.command = Command::kInspect; });
  convert->callback([&line] { line.command = Command::kConvert; });
  models->callback([&line] {
    if (line.command != Command::kModelsGet) line.command = Command::kModels;
  });
  app.require_subcommand(0, 1);
}

}  // namespace

ParseResult parse_command_line(int argc, const char* const* argv) {
  ParseResult result;
  CommandLine& line = result.line;
  CLI::App app("pose: photos in, human poses out.", "pose");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.footer(kFooter);
  add_run_options(app, line.run);
  add_switches(app, line);
  add_commands(app, line);
  try {
    app.parse(reversed_arguments(argc, argv));
  } catch (const CLI::ParseError& e) {
    result.done = true;
    result.exit_code = e.get_exit_code() == 0 ? kExitOk : kExitUsage;
    if (e.get_exit_code() == 0)
      app.exit(e, std::cout, std::cerr);
    else
      std::cerr << "pose: " << e.what() << "\nTry 'pose --help'.\n";
    return result;
  }
  check_options(line.run);
  return result;
}

}  // namespace pose
