#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/journal_file.h"

namespace pose {

/// A run whose records may be kept.
struct EarlierRun {
  std::string journal;
  JournalReader::Place from;  ///< the beginning of what counts of it
  Journal::PlaceOf place_of;
};

/// What of earlier runs' journals stands in a new run.
struct KeptRecords {
  struct Line {
    JournalReader::Place place;
    std::size_t run = 0;  ///< which of them has it
    std::size_t was = 0;  ///< the photo's place in the earlier run
    std::size_t people = 0;
  };
  std::vector<std::optional<Line>> lines;     ///< per photo of the new run
  std::map<std::size_t, PhotoRecord> failed;  ///< of them, by place in the new run; without people
  double seconds = 0;                         ///< that the earlier runs took, in all their parts
  bool is_all = false;  ///< their one journal is these lines behind the new run's beginning, and no others

  JournalCount count() const;
};

/// Chooses among the records of earlier runs, one at least, for `run`. Throws `kIo`, `kFormat`.
KeptRecords choose_records(const std::vector<EarlierRun>& earlier, const RunInfo& run);

/// Writes the file `to`, which may be one of their journals, as the journal of a run that has done just
/// these. Throws `kIo`, and then `to` is as before.
void copy_records(const std::vector<EarlierRun>& earlier, const RunInfo& run, const KeptRecords& kept,
                  const std::string& to);

}  // namespace pose
