#include "results/kept_records.h"

#include <utility>

#include "base/atomic_file.h"

namespace pose {

JournalCount KeptRecords::count() const {
  JournalCount count;
  for (const std::optional<Line>& line : lines) {
    count.photos += line.has_value();
    count.people += line ? line->people : 0;
  }
  count.failed = failed.size();
  return count;
}

KeptRecords choose_records(const std::string& journal, const RunInfo& run, const Journal::PlaceOf& place_of) {
  KeptRecords kept;
  kept.lines.resize(run.photos);
  kept.is_all = true;
  JournalReader reader(journal);
  JournalReader::Place place;
  double at = 0;  // of the last record of a part
  for (std::string line; reader.next(line); place = reader.place()) {
    if (begins_run(line)) {
      kept.is_all &= place.line == 0 && line == line_of(run);
      kept.seconds += std::exchange(at, 0);
      continue;
    }
    auto record = std::get<JournalRecord>(reader.parse(line));
    at = record.at;
    PhotoRecord& photo = record.photo;
    const std::optional<std::size_t> now = place_of(photo);
    kept.is_all &= now == photo.index && !kept.lines[*now];
    if (!now) continue;
    kept.lines[*now] = {place, photo.index, photo.people.size()};
    kept.failed.erase(*now);
    if (photo.ok()) continue;
    photo.boxes.clear();
    photo.people.clear();
    kept.failed[*now] = std::move(photo);
  }
  kept.seconds += at;
  return kept;
}

void copy_records(const std::string& journal, const RunInfo& run, const KeptRecords& kept,
                  const std::string& to) {
  JournalReader reader(journal);
  AtomicFile file(to);
  file.write(line_of(run) + "\n");
  std::string text;
  for (std::size_t i = 0; i < kept.lines.size(); ++i) {
    const std::optional<KeptRecords::Line>& line = kept.lines[i];
    if (!line) continue;
    reader.go_to(line->place);
    if (!reader.next(text)) throw Error::io("cannot read " + journal + ": it became shorter");
    if (line->was != i) {
      auto record = std::get<JournalRecord>(reader.parse(text));
      record.photo.index = i;
      text = line_of(record);
    }
    file.write(text += '\n');
  }
  file.commit();
}

}  // namespace pose
