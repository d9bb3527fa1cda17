// Result files from a journal: what a run does at its end, and what can be done later for one that was broken
// off.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unordered_map>
#include <utility>

#include "base/atomic_file.h"
#include "results/journal_file.h"
#include "results/read_results.h"
#include "results/run_report.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReportName = "run.json";

using Place = JournalReader::Place;

/// Which lines of a journal make the results, in the order of the run, and what the run was.
struct Contents {
  RunInfo run;
  std::vector<Place> lines;
  double seconds = 0;  ///< wall clock, of all runs that are taken
};

/// The last record of every photo.
class Latest {
 public:
  void add(const PhotoRecord& photo, const Place& place) {
    const auto [found, is_new] = by_name_.try_emplace(photo.name, entries_.size());
    if (is_new)
      entries_.push_back({photo.index, photo.ok(), place});
    else if (Entry& entry = entries_[found->second]; photo.ok() || !entry.ok)
      entry = {photo.index, photo.ok(), place};
  }

  std::vector<Place> in_order() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.index < b.index; });
    std::vector<Place> places;
    for (const Entry& entry : entries_) places.push_back(entry.place);
    return places;
  }

 private:
  struct Entry {
    std::size_t index;
    bool ok;
    Place place;
  };
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

/// All beginnings of runs in a journal.
std::vector<Place> beginnings(JournalReader& reader) {
  std::vector<Place> places;
  Place place = reader.place();
  for (std::string line; reader.next(line); place = reader.place())
    if (begins_run(line)) places.push_back(place);
  return places;
}

/// One run, from its beginning on. What a resumed run did again stands behind what it kept.
Contents last_run(JournalReader& reader, const Place& beginning) {
  Contents contents;
  std::string line, last;
  std::vector<std::pair<std::size_t, Place>> records;
  reader.go_to(beginning);
  if (reader.next(line)) contents.run = std::get<RunInfo>(reader.parse(line));
  for (Place place = reader.place(); reader.next(line); place = reader.place()) {
    const std::optional<std::size_t> index = photo_index(line);
    records.emplace_back(index ? *index : std::get<JournalRecord>(reader.parse(line)).photo.index, place);
    last.swap(line);
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [index, at] : records) contents.lines.push_back(at);
  contents.seconds = contents.run.seconds_before;
  if (!last.empty())
    contents.seconds = std::max(contents.seconds, std::get<JournalRecord>(reader.parse(last)).at);
  return contents;
}

Contents all_runs(JournalReader& reader) {
  Contents contents;
  Latest latest;
  double seconds = 0;
  reader.go_to({});
  Place place;
  for (std::string line; reader.next(line); place = reader.place()) {
    const JournalLine parsed = reader.parse(line);
    if (const auto* run = std::get_if<RunInfo>(&parsed)) {
      contents.run = *run;
      contents.seconds += std::exchange(seconds, 0);
      continue;
    }
    const auto& record = std::get<JournalRecord>(parsed);
    latest.add(record.photo, place);
    seconds = record.at;
  }
  contents.seconds += seconds;
  contents.lines = latest.in_order();
  return contents;
}

Contents look_through(JournalReader& reader, const std::string& path, JournalPart part) {
  const std::vector<Place> runs = beginnings(reader);
  if (runs.empty() || runs.front().offset != 0) throw Error::format(path + " is no journal of pose");
  return part == JournalPart::kAllRuns && runs.size() > 1 ? all_runs(reader) : last_run(reader, runs.back());
}

std::vector<std::unique_ptr<ResultWriter>> writers_of(const Contents& contents, const std::string& outdir) {
  const RunInfo& run = contents.run;
  const Skeleton& joints = skeleton(run.skeleton);
  std::vector<std::unique_ptr<ResultWriter>> writers;
  writers.push_back(result_form(run.form).write(outdir + "/" + kResultsName, joints));
  if (!run.boxes_file.empty()) writers.push_back(result_form("boxes").write(run.boxes_file, joints));
  const RunEnd end{contents.lines.size() < run.photos, contents.seconds};
  writers.push_back(write_run_report(outdir + "/" + kReportName, run, end));
  return writers;
}

/// A journal may come from anywhere, and writers rely on the skeleton.
void check_joints(const PhotoRecord& photo, const Skeleton& skeleton, const std::string& journal) {
  for (const Person& person : photo.people)
    if (person.joints.size() != skeleton.joints.size())
      throw Error::format(journal + ": " + photo.name + " has a person with " +
                          std::to_string(person.joints.size()) + " joints, and the run's skeleton has " +
                          std::to_string(skeleton.joints.size()));
}

/// Where names of result files change.
std::vector<std::string> folders_of(const RunInfo& run, const std::string& outdir) {
  std::error_code error;
  const fs::path boxes = fs::canonical(run.boxes_file, error);  // a link leads elsewhere, a pipe nowhere
  return error ? std::vector{outdir} : std::vector{outdir, boxes.parent_path().string()};
}

}  // namespace

JournalCount make_results(const std::string& journal, const std::string& outdir, JournalPart part) {
  JournalReader reader(journal);
  const Contents contents = look_through(reader, journal, part);
  const auto writers = writers_of(contents, outdir);
  JournalCount count;
  std::string line;
  for (const Place& place : contents.lines) {
    reader.go_to(place);
    if (!reader.next(line)) throw Error::io("cannot read " + journal + ": it became shorter");
    const JournalLine parsed = reader.parse(line);
    const PhotoRecord& photo = std::get<JournalRecord>(parsed).photo;
    check_joints(photo, skeleton(contents.run.skeleton), journal);
    for (const auto& writer : writers) writer->add(photo);
    ++count.photos;
    count.failed += !photo.ok();
    count.people += photo.people.size();
  }
  // What can fail has failed before the first name changes: results are of one run.
  for (const auto& writer : writers) writer->seal();
  for (const auto& writer : writers) writer->publish();
  for (const std::string& folder : folders_of(contents.run, outdir)) sync_folder(folder);
  return count;
}

bool has_complete_results(const std::string& outdir) {
  std::error_code error;
  if (!fs::exists(outdir + "/" + kResultsName, error)) return false;
  std::ifstream report(outdir + "/" + kReportName, std::ios::binary | std::ios::ate);
  if (!report) return true;  // of another program, or made before there were reports
  constexpr std::streamoff kEndBytes = 64;
  const std::streamoff size = report.tellg();
  report.seekg(std::max<std::streamoff>(size - kEndBytes, 0));
  const std::string end((std::istreambuf_iterator<char>(report)), std::istreambuf_iterator<char>());
  return end.find("\"interrupted\": true") == std::string::npos;
}

void check_places(const RunInfo& run, const std::string& outdir) {
  Contents nothing;
  nothing.run = run;
  // A pipe must not be opened twice: whoever reads it would take the first end for the end.
  if (is_stream(run.boxes_file)) nothing.run.boxes_file.clear();
  writers_of(nothing, outdir);  // each opens its file, and leaves nothing behind unfinished
}

}  // namespace pose
