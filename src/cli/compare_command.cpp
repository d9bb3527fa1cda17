#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "options/option_table.h"
#include "pose/compare.h"

namespace pose {
namespace {

struct CompareArguments {
  std::string a, b, photos;
  RunOptions run;  ///< of which the tolerances are used
  int most = 20;
  bool json = false, quiet = false, update = false;
};

int compare(const CompareArguments& arguments) {
  const Results b = read_results(arguments.b, arguments.photos);
  std::error_code error;
  if (arguments.update && !std::filesystem::exists(arguments.a, error)) {  // the first results of all
    accept_results(arguments.a, arguments.b);
    return kExitOk;
  }
  const Comparison comparison =
      compare_results(read_results(arguments.a, arguments.photos), b, arguments.run.compare);
  const auto most = static_cast<std::size_t>(std::max(arguments.most, 0));
  if (arguments.json)
    std::fputs(to_json(comparison).c_str(), stdout);
  else if (!arguments.quiet)
    std::fputs(describe(comparison, most).c_str(), stdout);
  if (comparison.same()) return kExitOk;
  if (!arguments.update) return kExitFailed;
  accept_results(arguments.a, arguments.b);
  return kExitOk;
}

int compare_or_refuse(const CompareArguments& arguments) {
  try {
    return compare(arguments);
  } catch (const Error& error) {
    throw Error::usage(error.what());  // 1 is for results that differ
  }
}

Argument argument_of(const Option& option, RunOptions& run) {
  return {option.spelling(), std::string(option.value_name),
          std::string(option.help) + " (default " + default_text(option) + ")", false,
          std::get<double*>(option.place(run))};
}

}  // namespace

Command compare_command() {
  const auto values = std::make_shared<CompareArguments>();
  Command command = make_command<CompareArguments>(
      "compare",
      "say in what two results differ: exit 0 if in nothing, 1 if they do, 2 if they cannot be compared",
      {{"A", "", "the reference: results of any form, a file or a folder", &CompareArguments::a, true},
       {"B", "", "the results to check", &CompareArguments::b, true},
       {"--photos", "DIR", "the folder of the photos, for results in shares of their sides",
        &CompareArguments::photos},
       {"--most", "N", "list so many differences (default 20)", &CompareArguments::most},
       {"--update", "", "afterwards put B in the place of A", &CompareArguments::update},
       {"--json", "", "as JSON, with all differences", &CompareArguments::json},
       {"-q,--quiet", "", "say it by the exit code alone", &CompareArguments::quiet}},
      &compare_or_refuse, values);
  for (const Option& option : option_table())
    if (option.group == kCompareGroup && option.name != "against")
      command.arguments.push_back(argument_of(option, values->run));
  return command;
}

}  // namespace pose
