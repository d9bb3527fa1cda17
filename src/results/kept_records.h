#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/journal_file.h"

namespace pose {

/// What of an earlier run's journal stands in a new run.
struct KeptRecords {
  struct Line {
    JournalReader::Place place;
    std::size_t was = 0;  ///< the photo's place in the earlier run
    std::size_t people = 0;
  };
  std::vector<std::optional<Line>> lines;     ///< per photo of the new run
  std::map<std::size_t, PhotoRecord> failed;  ///< of them, by place in the new run; without people
  double seconds = 0;                         ///< that the earlier run took, in all its parts
  bool is_all = false;  ///< the journal is these lines behind the new run's beginning, and no others

  JournalCount count() const;
};

/// Chooses among the records in `journal`. Throws `kIo`, `kFormat`.
KeptRecords choose_records(const std::string& journal, const RunInfo& run, const Journal::PlaceOf& place_of);

/// Writes the file `to`, which may be `journal`, as the journal of a run that has done just these. Throws
/// `kIo`, and then `to` is as before.
void copy_records(const std::string& journal, const RunInfo& run, const KeptRecords& kept,
                  const std::string& to);

}  // namespace pose
