#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "pose/results.h"

namespace pose {

/// A record as it stands in a journal: with the seconds since the run began.
struct JournalRecord {
  PhotoRecord photo;
  double at = 0;
};

/// One line of a journal, without its line end: the beginning of a run or a photo.
using JournalLine = std::variant<RunInfo, JournalRecord>;

std::string line_of(const RunInfo& run);
std::string line_of(const JournalRecord& record);

/// Throws `kFormat` with `place` ("FILE, line 3") and the place in the JSON.
JournalLine parse_journal_line(std::string_view line, const std::string& place);

/// Whether a line is the beginning of a run, without parsing it.
bool begins_run(std::string_view line);
/// Whose record a line is, without parsing it all; nothing if it does not begin as one.
std::optional<std::size_t> photo_index(std::string_view line);

}  // namespace pose
