#include "pose/results.h"

namespace pose {

Conclusion conclude(Journal& journal, const std::string& outdir, bool complete) {
  Conclusion conclusion;
  journal.close();
  conclusion.count = journal.count();
  if (complete) {
    journal.begin();  // of a run without photos
    make_results(journal.path(), outdir, JournalPart::kLastRun);
    journal.complete();
    conclusion.made_results = true;
  } else if (conclusion.count.photos > 0 && !has_complete_results(outdir)) {
    make_results(journal.path(), outdir, JournalPart::kAllRuns);
    conclusion.made_results = true;
  }
  return conclusion;
}

}  // namespace pose
