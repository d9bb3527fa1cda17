#include "results/kept_records.h"

#include <algorithm>
#include <memory>
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

namespace {

class Choice {
 public:
  Choice(const RunInfo& run, std::size_t runs) : run_(run) {
    kept_.lines.resize(run.places());
    kept_.is_all = runs == 1;
  }

  void add(const EarlierRun& earlier, std::size_t number) {
    JournalReader reader(earlier.journal);
    reader.go_to(earlier.from);
    double at = 0;  // the greatest of a part
    JournalReader::Place place = reader.place();
    for (std::string line; reader.next(line); place = reader.place()) {
      if (begins_run(line)) {
        RunInfo begun = std::get<RunInfo>(reader.parse(line));
        kept_.seconds += std::exchange(at, begun.seconds_before);
        begun.seconds_before = run_.seconds_before;
        kept_.is_all &= place.line == 0 && line_of(begun) == line_of(run_);
        continue;
      }
      auto record = std::get<JournalRecord>(reader.parse(line));
      at = std::max(at, record.at);
      const std::optional<std::size_t> now = earlier.place_of(record.photo);
      kept_.is_all &= now == record.photo.index && !kept_.lines[*now];
      if (now) keep(*now, {place, number, record.photo.index, record.photo.people.size()}, record.photo);
    }
    kept_.seconds += at;
  }

  KeptRecords take() { return std::move(kept_); }

 private:
  void keep(std::size_t now, const KeptRecords::Line& line, PhotoRecord& photo) {
    kept_.lines[now] = line;
    kept_.failed.erase(now);
    if (photo.ok()) return;
    photo.boxes.clear();
    photo.people.clear();
    kept_.failed[now] = std::move(photo);
  }

  const RunInfo& run_;
  KeptRecords kept_;
};

}  // namespace

KeptRecords choose_records(const std::vector<EarlierRun>& earlier, const RunInfo& run) {
  Choice choice(run, earlier.size());
  for (std::size_t i = 0; i < earlier.size(); ++i) choice.add(earlier[i], i);
  return choice.take();
}

void copy_records(const std::vector<EarlierRun>& earlier, const RunInfo& run, const KeptRecords& kept,
                  const std::string& to) {
  std::vector<std::unique_ptr<JournalReader>> readers;
  for (const EarlierRun& one : earlier) readers.push_back(std::make_unique<JournalReader>(one.journal));
  AtomicFile file(to);
  file.write(line_of(run) + "\n");
  std::string text;
  for (std::size_t i = 0; i < kept.lines.size(); ++i) {
    const std::optional<KeptRecords::Line>& line = kept.lines[i];
    if (!line) continue;
    JournalReader& reader = *readers[line->run];
    reader.go_to(line->place);
    if (!reader.next(text))
      throw Error::io("cannot read " + earlier[line->run].journal + ": it became shorter");
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
