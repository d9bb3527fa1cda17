#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/read_file.h"
#include "image/image_file.h"
#include "pose/pipeline.h"
#include "results/journal_file.h"
#include "results/kept_records.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCameOrWent = "photos came or went between their runs";
constexpr const char* kAgain = "; call the shards again with --resume, which does only what is missing";

/// The run of one shard in its folder.
struct ShardRun {
  std::string outdir, journal;
  JournalReader::Place beginning;  ///< of its last part
  RunInfo run;
  std::size_t records = 0;
  Shard shard;
};

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void set(RunInfo& run, std::string_view name, const std::string& value) {
  for (Setting& s : run.settings)
    if (s.name == name) s.value = value;
}

ShardRun open_shard(const std::string& outdir) {
  ShardRun found{outdir, outdir + "/" + std::string(kCompleteJournal), {}, {}, 0, {}};
  if (is_there(outdir + "/" + std::string(kPartialJournal)))
    throw Error::usage("the run in " + outdir + " is not finished; call it again with --resume");
  JournalReader reader(found.journal);
  bool has_begun = false;
  for (std::string line; reader.next(line);) {
    ++found.records;
    if (!begins_run(line)) continue;
    found.run = std::get<RunInfo>(reader.parse(line));
    found.beginning = reader.place();
    found.records = 0;
    has_begun = true;
  }
  if (!has_begun) throw Error::format(found.journal + " is no journal of pose");
  found.shard = parse_shard(setting(found.run, "shard"));
  if (found.shard.count == 1) throw Error::usage(outdir + " holds a whole run, not a shard (see --shard)");
  set(found.run, "shard", "");
  for (const OptionValue& option : option_values({}))
    for (Setting& s : found.run.settings)
      if (s.name == option.name) s.shapes_files = option.shapes_files;
  return found;
}

std::string text_of(const ShardRun& run) { return run.outdir + " (shard " + to_string(run.shard) + ")"; }

/// All numbers from 1 on, each once.
void check_numbers(const std::vector<ShardRun>& runs) {
  std::map<int, const ShardRun*> by_number;
  for (const ShardRun& run : runs) {
    const auto [there, is_new] = by_number.emplace(run.shard.number, &run);
    if (run.shard.count != runs.front().shard.count)
      throw Error::usage(text_of(runs.front()) + " and " + text_of(run) +
                         " are parts of different divisions; merge shards of one N");
    if (!is_new)
      throw Error::usage(text_of(*there->second) + " and " + text_of(run) + " are the same shard; give one");
  }
  const int count = runs.front().shard.count;
  for (int number = 1; number <= count; ++number)
    if (by_number.count(number) == 0)
      throw Error::usage("shard " + to_string(Shard{number, count}) +
                         " is missing: " + std::to_string(by_number.size()) + " of " + std::to_string(count) +
                         " are there; give the folders of all");
}

void check_sameness(const std::vector<ShardRun>& runs) {
  const ShardRun& first = runs.front();
  std::size_t records = 0;
  for (const ShardRun& run : runs) {
    records += run.records;
    const std::string other = difference(first.run, run.run, true);
    if (!other.empty())
      throw Error::usage(text_of(run) + " has other options than " + text_of(first) + ": " + other +
                         "; run it again with the same");
    if (run.run.whole != first.run.whole)
      throw Error::usage(text_of(first) + " knew of " + std::to_string(first.run.whole) + " photos and " +
                         text_of(run) + " of " + std::to_string(run.run.whole) + kAgain);
  }
  if (records != first.run.whole)
    throw Error::usage("the shards have " + std::to_string(records) + " of " +
                       std::to_string(first.run.whole) + " photos: " + kCameOrWent + kAgain);
}

/// Which shard has the photo of each place, and with pictures their names.
class Owners {
 public:
  Owners(const std::vector<ShardRun>& runs, bool pictures)
      : runs_(runs), owners_(runs.front().run.whole), pictures_(pictures ? runs.size() : 0) {}

  std::optional<std::size_t> add(std::size_t run, const PhotoRecord& photo) {
    if (photo.index >= owners_.size())
      throw Error::format(runs_[run].journal + ": " + photo.name + " has a place beyond all photos");
    const ShardRun*& owner = owners_[photo.index];
    if (owner)
      throw Error::usage(photo.name + " in " + text_of(runs_[run]) + " has the place of a photo in " +
                         text_of(*owner) + ": " + kCameOrWent + kAgain);
    owner = &runs_[run];
    if (!pictures_.empty()) add_picture(run, photo);
    return photo.index;
  }

  void link_pictures(const std::string& outdir) const;

 private:
  void add_picture(std::size_t run, const PhotoRecord& photo) {
    const std::string name = "/vis/" + vis_name(photo.name);
    const bool there = is_there(runs_[run].outdir + name);
    if (photo.ok() && !there)
      throw Error::not_found("there is no " + runs_[run].outdir + name +
                             "; call the shard again with --resume, which draws it");
    if (there) pictures_[run].push_back(name);
  }

  const std::vector<ShardRun>& runs_;
  std::vector<const ShardRun*> owners_;
  std::vector<std::vector<std::string>> pictures_;  ///< per shard
};

/// A second name for a file, or a copy where there can be none.
void link_or_copy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::remove(to, error);
  fs::create_hard_link(from, to, error);
  if (!error) return;
  const FileBytes picture = read_file(from, kLargestPictureFile);
  AtomicFile file(to);
  file.write(text_of(picture));
  file.commit_unsynced();
}

void Owners::link_pictures(const std::string& outdir) const {
  for (std::size_t run = 0; run < pictures_.size(); ++run)
    for (const std::string& name : pictures_[run]) {
      make_folders(fs::path(outdir + name).parent_path().string());
      link_or_copy(runs_[run].outdir + name, outdir + name);
    }
}

RunInfo merged_run(const RunInfo& first, const std::string& outdir, const std::string& boxes_file) {
  RunInfo run = first;
  run.photos = std::exchange(run.whole, 0);
  run.seconds_before = 0;
  set(run, "outdir", outdir);
  set(run, "save_boxes", boxes_file);
  run.boxes_file = boxes_file.empty() ? "" : fs::absolute(boxes_file).string();
  return run;
}

void check_outdir(const std::string& outdir, const std::vector<std::string>& shards) {
  std::error_code error;
  for (const std::string& shard : shards)
    if (fs::equivalent(outdir, shard, error))
      throw Error::usage(outdir + " is the folder of a shard; merge into another one");
}

}  // namespace

JournalCount merge_runs(const std::string& outdir, const std::vector<std::string>& shards,
                        const std::string& boxes_file) {
  if (shards.empty()) throw Error::usage("nothing to merge: give the output folders of all shards");
  check_outdir(outdir, shards);
  std::vector<ShardRun> runs;
  for (const std::string& shard : shards) runs.push_back(open_shard(shard));
  check_numbers(runs);
  check_sameness(runs);
  make_folders(outdir);
  Journal journal(outdir, merged_run(runs.front().run, outdir, boxes_file), false);
  check_places(journal.run(), outdir);
  Owners owners(runs, setting(journal.run(), "save_img") == "true");
  std::vector<EarlierRun> earlier;
  for (std::size_t i = 0; i < runs.size(); ++i)
    earlier.push_back({runs[i].journal, runs[i].beginning,
                       [&owners, i](const PhotoRecord& photo) { return owners.add(i, photo); }});
  journal.take_over(earlier);
  owners.link_pictures(outdir);
  return conclude(journal, outdir, true).count;
}

}  // namespace pose
