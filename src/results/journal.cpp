#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <utility>

#include "base/atomic_file.h"
#include "base/descriptor.h"
#include "pose/results.h"
#include "results/journal_file.h"
#include "results/kept_records.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// What a power cut may take.
constexpr double kSyncSeconds = 2.0;

std::string journal_path(const std::string& outdir, std::string_view name) {
  return outdir + "/" + std::string(name);
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// What an unfinished journal holds, and where its last whole line ends.
struct Unfinished {
  std::optional<RunInfo> run;  ///< of its last beginning
  std::size_t records = 0;
  std::int64_t end = 0;
};

Unfinished look_at(const std::string& path) {
  JournalReader reader(path);
  Unfinished found;
  for (std::string line; reader.next(line);) {
    if (begins_run(line))
      found.run = std::get<RunInfo>(reader.parse(line));
    else
      ++found.records;
    if (!found.run) throw Error::format(path + " is no journal of pose");
  }
  found.end = reader.end();
  return found;
}

/// The journal, opened and locked: the lock dies with the process.
Descriptor take(const std::string& path, const std::string& outdir) {
  for (;;) {
    Descriptor fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
    if (!fd.is_open()) throw Error::io("cannot write " + path, errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw Error::io("cannot lock " + path, errno);
      throw Error::usage("another pose is at work in " + outdir + "; wait for it or use another --outdir");
    }
    if (!is_still(fd.get(), path)) continue;
    struct stat info {};
    if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
      throw Error::io("cannot write " + path + ": not a regular file");
    return fd;
  }
}

}  // namespace

struct Journal::Impl {
  std::string outdir, path;
  RunInfo run;
  Descriptor fd;
  bool has_begun = false, closed = false;
  std::int64_t kept_bytes = 0;  ///< that an earlier run of the same kind left
  std::size_t unfinished = 0;   ///< its records
  std::vector<bool> kept;       ///< per photo of this run, once it is resumed
  std::vector<PhotoRecord> kept_failures;
  JournalCount count;
  Clock::time_point start = Clock::now();
  std::optional<Clock::time_point> unsynced_since;
  mutable std::mutex mutex;

  /// Refuses, empties or goes on with what lies there.
  void settle(bool overwrite) {
    Unfinished found;
    try {
      found = look_at(path);
    } catch (const Error&) {
      if (!overwrite) throw;
    }
    const std::string other = found.records > 0 && !overwrite ? difference(*found.run, run, false) : "";
    if (!other.empty())
      throw Error::usage(outdir + " holds an unfinished run of other options (" + other + ") with " +
                         std::to_string(found.records) + " of " + std::to_string(found.run->photos) +
                         " photos done; 'pose finish " + outdir +
                         "' makes result files from it, --overwrite gives it up");
    if (overwrite) found = {};
    unfinished = found.records;
    kept_bytes = unfinished > 0 ? found.end : 0;
    if (ftruncate(fd.get(), kept_bytes) != 0) throw Error::io("cannot write " + path, errno);
  }

  /// Where what can be gone on with is, "" if it is nowhere.
  std::string earlier() const {
    if (unfinished > 0) return path;
    const std::string complete = journal_path(outdir, kCompleteJournal);
    std::error_code error;
    return fs::exists(complete, error) ? complete : "";
  }

  void resume(const PlaceOf& place_of) {
    const std::string from = earlier();
    if (from.empty()) return;
    const Unfinished found = look_at(from);
    const std::string other = found.run ? difference(*found.run, run, true) : "";
    if (!other.empty())
      throw Error::usage("--resume goes on with a run of the same options, and that in " + outdir +
                         " has others (" + other + "); without --resume all photos are done again");
    take_over({{from, {}, place_of}});
  }

  void take_over(const std::vector<EarlierRun>& runs) {
    const KeptRecords records = choose_records(runs, run);
    run.seconds_before = records.seconds;
    if (!records.is_all || runs.front().journal != path) {
      copy_records(runs, run, records, path);
      fd = take(path, outdir);
    }
    has_begun = true;
    count = records.count();
    for (const std::optional<KeptRecords::Line>& line : records.lines) kept.push_back(line.has_value());
    for (const auto& [place, photo] : records.failed) kept_failures.push_back(photo);
  }

  void begin() {
    if (has_begun) return;
    write(line_of(run));
    has_begun = true;
  }

  void write(std::string text) {
    const std::int64_t before = lseek(fd.get(), 0, SEEK_END);
    text += '\n';
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(fd.get(), text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const int reason = errno;
        // Half a line would be read as garbage once another follows it.
        (void)!ftruncate(fd.get(), before);
        throw Error::io("cannot write " + path, reason);
      }
      done += static_cast<std::size_t>(n);
    }
    if (!unsynced_since) unsynced_since = Clock::now();
  }

  void sync_now() {
    if (fdatasync(fd.get()) != 0) throw Error::io("cannot write " + path, errno);
    unsynced_since.reset();
  }
};

Journal::Journal(const std::string& outdir, RunInfo run, bool overwrite) : impl_(new Impl) {
  impl_->outdir = outdir;
  impl_->path = journal_path(outdir, kPartialJournal);
  impl_->run = std::move(run);
  impl_->fd = take(impl_->path, outdir);
  impl_->settle(overwrite);
}

Journal::~Journal() {
  // A run that did nothing leaves nothing.
  if (impl_->fd.is_open() && !impl_->has_begun && impl_->kept_bytes == 0) ::unlink(impl_->path.c_str());
}

const std::string& Journal::path() const { return impl_->path; }
const RunInfo& Journal::run() const { return impl_->run; }

JournalCount Journal::count() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->count;
}

std::size_t Journal::unfinished() const { return impl_->unfinished; }

void Journal::resume(const PlaceOf& place_of) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->resume(place_of);
}

void Journal::take_over(const std::vector<EarlierRun>& runs) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->take_over(runs);
}

bool Journal::keeps(std::size_t place) const { return place < impl_->kept.size() && impl_->kept[place]; }

const std::vector<PhotoRecord>& Journal::kept_failures() const { return impl_->kept_failures; }

void Journal::begin() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->begin();
}

void Journal::append(const PhotoRecord& photo) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->closed) throw Error::usage("the journal of this run is closed");
  if (!is_finite(photo)) throw Error::usage("results of " + photo.name + " that are no numbers");
  const std::string line =
      line_of(JournalRecord{photo, impl_->run.seconds_before + seconds_between(impl_->start, Clock::now())});
  impl_->begin();
  impl_->write(line);
  ++impl_->count.photos;
  impl_->count.failed += !photo.ok();
  impl_->count.people += photo.people.size();
}

std::optional<double> Journal::sync_due() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (!impl_->unsynced_since) return std::nullopt;
  return std::max(0.0, kSyncSeconds - seconds_between(*impl_->unsynced_since, Clock::now()));
}

void Journal::sync() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->unsynced_since) impl_->sync_now();
}

void Journal::close() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->closed = true;
}

void Journal::complete() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->closed = true;
  if (impl_->unsynced_since) impl_->sync_now();
  const std::string name = journal_path(impl_->outdir, kCompleteJournal);
  if (std::rename(impl_->path.c_str(), name.c_str()) != 0) throw Error::io("cannot write " + name, errno);
  impl_->path = name;
  sync_folder(impl_->outdir);
}

JournalCount finish_run(const std::string& outdir) {
  for (const std::string_view name : {kPartialJournal, kCompleteJournal}) {
    const std::string path = journal_path(outdir, name);
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    const Descriptor lock = take(path, outdir);
    if (look_at(path).records == 0) continue;  // broken off before its first photo was done
    return make_results(path, outdir,
                        name == kPartialJournal ? JournalPart::kAllRuns : JournalPart::kLastRun);
  }
  throw Error::not_found("there is no journal of a run in " + outdir + ", or no photo in it");
}

}  // namespace pose
