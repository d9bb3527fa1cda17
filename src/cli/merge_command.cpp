#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "pose/pipeline.h"

namespace pose {
namespace {

struct MergeArguments {
  std::string outdir, save_boxes;
  std::vector<std::string> shards;
};

int merge(const MergeArguments& arguments) {
  const JournalCount count = merge_runs(arguments.outdir, arguments.shards, arguments.save_boxes);
  std::printf("%s, %s, %zu failed; results in %s\n", counted(count.photos, "image", "images").c_str(),
              counted(count.people, "person", "people").c_str(), count.failed,
              for_terminal(arguments.outdir).c_str());
  return count.failed == 0 ? kExitOk : kExitSomeFailed;
}

}  // namespace

Command merge_command() {
  return make_command<MergeArguments>(
      "merge", "put the runs of all shards together, as if they had been one",
      {{"OUTDIR", "", "folder for results, made if missing", &MergeArguments::outdir, true},
       {"SHARD", "", "output folders of all shards", &MergeArguments::shards, true},
       {"--save_boxes", "FILE", "write the detector's boxes (COCO-style list)", &MergeArguments::save_boxes}},
      &merge);
}

}  // namespace pose
