#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "pose/results.h"

namespace pose {
namespace {

struct ConvertResultsArguments {
  std::string in, out, to, skeleton, photos;
  bool quiet = false;
};

int convert(const ConvertResultsArguments& arguments) {
  const ConvertedResults done = convert_results(read_results(arguments.in, arguments.photos), arguments.out,
                                                arguments.to, arguments.skeleton);
  if (arguments.quiet) return kExitOk;
  for (const std::string& kind : done.left_out)
    say("left out, for " + arguments.to + " does not hold them: " + kind);
  std::printf("%s: %s, %s\n", for_terminal(arguments.out).c_str(),
              counted(done.photos, "photo", "photos").c_str(),
              counted(done.people, "person", "people").c_str());
  return kExitOk;
}

std::string form_names() {
  std::string names;
  for (const ResultForm& form : result_forms()) names += (names.empty() ? "" : ", ") + std::string(form.name);
  return names;
}

}  // namespace

Command convert_results_command() {
  return make_command<ConvertResultsArguments>(
      "convert-results", "write results of any form as another",
      {{"IN", "", "results of any form: a file or a folder", &ConvertResultsArguments::in, true},
       {"OUT", "", "the file to write; the folder, for forms with a file per photo",
        &ConvertResultsArguments::out, true},
       {"--to", "FORM", form_names(), &ConvertResultsArguments::to, true},
       {"--skeleton", "NAME", "bring the joints to those of coco17, mpii16, openpose18, openpose25",
        &ConvertResultsArguments::skeleton},
       {"--photos", "DIR",
        "the folder of the photos: for their sizes, and their names where IN has parts of them",
        &ConvertResultsArguments::photos},
       {"-q,--quiet", "", "do not say what is left out", &ConvertResultsArguments::quiet}},
      &convert);
}

}  // namespace pose
