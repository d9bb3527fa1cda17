#include "cli/run_summary.h"

#include <algorithm>
#include <cstdio>

#include "cli/progress.h"
#include "cli/terminal.h"

namespace pose {
namespace {

void print_profile(const RunSummary& summary) {
  std::fprintf(stderr, "%-8s %10s %10s\n", "stage", "seconds", "ms/image");
  for (std::size_t i = 0; i < summary.stage_seconds.size(); ++i)
    std::fprintf(
        stderr, "%-8s %10.2f %10.1f\n", std::string(kStageNames[i]).c_str(), summary.stage_seconds[i],
        summary.photos ? 1000 * summary.stage_seconds[i] / static_cast<double>(summary.photos) : 0.0);
  std::fprintf(stderr, "%-8s %10.2f (stages overlap: their sum may be greater)\n", "wall", summary.seconds);
}

std::string how_to_go_on(const std::string& outdir) {
  return "the same call with --resume goes on, 'pose finish " + outdir + "' makes result files from it";
}

}  // namespace

void print_summary(const CommandLine& line, const RunSummary& summary, const Conclusion& end,
                   const Journal& journal) {
  std::vector<PhotoRecord> failed = journal.kept_failures();
  failed.insert(failed.end(), summary.failed.begin(), summary.failed.end());
  std::sort(failed.begin(), failed.end(),
            [](const PhotoRecord& a, const PhotoRecord& b) { return a.index < b.index; });
  const std::string& outdir = line.run.output.outdir;
  for (const PhotoRecord& photo : failed) say("failed: " + photo.path + ": " + photo.error->what());
  if (line.quiet) return;
  if (summary.interrupted)
    say("interrupted after " + std::to_string(end.count.photos) + " of " +
        counted(journal.run().photos, "image", "images") + "; what was finished is in " + journal.path() +
        ": " + how_to_go_on(outdir));
  if (!end.made_results && end.count.photos > 0)
    say("the results of an earlier run in " + outdir + " stay as they were");
  say(counted(end.count.photos, "image", "images") + ", " + counted(end.count.people, "person", "people") +
      ", " + std::to_string(end.count.failed) + " failed, " + clock_text(summary.seconds) +
      (end.made_results ? "; results in " + outdir : ""));
  if (line.profile) print_profile(summary);
}

void fail_run(const Error& error, const Journal& journal, const std::string& outdir) {
  const std::size_t photos = journal.count().photos;
  if (photos == 0) throw error;
  throw Error(error.kind(), std::string(error.what()) + "\n  " + std::to_string(photos) +
                                (photos == 1 ? " photo was" : " photos were") + " finished before, see " +
                                journal.path() + ": " + how_to_go_on(outdir));
}

}  // namespace pose
