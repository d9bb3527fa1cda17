#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "base/atomic_file.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/switches.h"
#include "cli/terminal.h"
#include "estimator/load_models.h"
#include "graph/architectures.h"
#include "pose/log.h"
#include "pose/output.h"
#include "pose/pipeline.h"
#include "pose/results.h"
#include "pose/source.h"
#include "pose/version.h"

namespace pose {
namespace {

std::atomic<bool> g_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

extern "C" void on_signal(int signal) {
  g_stop = true;
  std::signal(signal, SIG_DFL);  // the second one ends the program at once
}

ModelInfo describe_model(const char* role, const std::string& name, const std::string& file) {
  return {role, name, std::filesystem::path(file).filename().string(), sha256_of_file(file)};
}

/// A list of boxes stands where a detector would: other boxes are another run.
std::vector<ModelInfo> describe_models(const ModelCards& cards, const std::string& detfile) {
  std::vector<ModelInfo> models;
  if (cards.detector)
    models.push_back(describe_model("detector", cards.detector->name, cards.detector->weights));
  if (!detfile.empty()) models.push_back(describe_model("detector", "detfile", detfile));
  models.push_back(describe_model("pose", cards.pose.name, cards.pose.weights));
  return models;
}

/// Options and switches as `run.json` tells them: a run that was resumed as one that was not.
std::vector<Setting> settings_of(const CommandLine& line) {
  std::vector<Setting> settings;
  for (OptionValue& option : option_values(line.run))
    if (option.name != "resume")
      settings.push_back(
          {std::move(option.name), std::move(option.value), option.shapes_results, option.shapes_files});
  for (const ProgramSwitch& row : kSwitches)
    settings.push_back({std::string(row.name), line.*row.place ? "true" : "false", false, false});
  return settings;
}

/// Where the last digits of results depend on more than photo and options.
std::string note_of(const ModelCards& cards, const MachineOptions& machine) {
  const bool torch =
      machine.engine == "torch" || machine.device != "cpu" || cards.pose.architecture == kTorchScript;
  return torch ? "with LibTorch joints depend on the batch within 0.01 pixels: on --detbatch, --posebatch, "
                 "and on where a run was broken off and resumed"
               : "";
}

RunInfo describe_run(const CommandLine& line, const ModelCards& cards,
                     const std::vector<SourcePhoto>& photos) {
  RunInfo run;
  run.version = kVersion;
  run.settings = settings_of(line);
  run.models = describe_models(cards, line.run.models.detfile);
  run.skeleton = cards.pose.skeleton;
  run.form = line.run.output.format;
  const std::string& boxes = line.run.output.save_boxes;
  if (!boxes.empty()) run.boxes_file = std::filesystem::absolute(boxes).string();
  const Shard shard = parse_shard(line.run.source.shard);
  for (const SourcePhoto& photo : photos) run.photos += in_shard(photo.name, shard);
  if (shard.count > 1) run.whole = photos.size();
  run.note = note_of(cards, line.run.machine);
  return run;
}

/// Where a run that was killed may have left temporary files: all folders that this one writes to.
std::set<std::string> written_folders(const RunInfo& run, const OutputOptions& output,
                                      const std::vector<SourcePhoto>& photos) {
  const auto folder_of = [](const std::string& file) {
    return std::filesystem::path(file).parent_path().string();
  };
  std::set<std::string> folders{output.outdir};
  if (!run.boxes_file.empty()) folders.insert(folder_of(run.boxes_file));
  for (const SourcePhoto& photo : photos) {
    for (const char* kind : {"/vis/", "/sep-json/"})
      folders.insert(folder_of(output.outdir + kind + photo.name));
    if (!output.dump_stages.empty()) folders.insert(output.dump_stages + "/" + photo.name);
  }
  return folders;
}

/// Names that no table knows are told before models are loaded, which takes seconds.
void check_names(const RunOptions& run, const ModelCards& cards) {
  result_form(run.output.format);
  drawing_style(run.output.vis_style);
  decoder(cards.pose.decoder);
  suppressor(cards.pose.pose_nms);
}

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

/// Ends the program when a stop takes too long, whatever a network or a disk is busy with: what is finished
/// is in the journal. Lives while photos are worked on.
class StopWatch {
 public:
  StopWatch(const CommandLine& line, Journal& journal)
      : line_(line), journal_(journal), thread_([this] { watch(); }) {}
  ~StopWatch() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void watch() {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto wait = [&](double seconds) {
      return changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return over_; });
    };
    while (!g_stop)
      if (wait(kLookSeconds)) return;
    if (!wait(kStopSeconds)) leave();
  }

  /// Without waiting for the other threads, which may never come back.
  [[noreturn]] void leave() {
    try {
      RunSummary summary;
      summary.interrupted = true;
      print_summary(line_, summary, conclude(journal_, line_.run.output.outdir, false), journal_);
    } catch (...) {
      say(current_error().what());
    }
    std::fflush(stdout);  // not all: a file that hangs is locked
    _exit(kExitInterrupted);
  }

  static constexpr double kLookSeconds = 0.05;  ///< how often a signal is looked for
  static constexpr double kStopSeconds = 2.2;   ///< a little more than the pipeline gives itself
  const CommandLine& line_;
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

RunSummary run_photos(const CommandLine& line, const std::vector<SourcePhoto>& photos, Models& models,
                      Journal& journal, Progress& progress) {
  RunHooks hooks;
  hooks.stop = &g_stop;
  hooks.on_photo = [&](const PhotoRecord& photo, std::size_t done, std::size_t total) {
    if (!photo.ok())
      log_warning(photo.name + ": " + photo.error->what());
    else if (!photo.warning.empty())
      log_warning(photo.name + ": " + photo.warning);
    else
      log_info(photo.name + ": " + counted(photo.people.size(), "person", "people"));
    progress.update(done, total);
  };
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  const StopWatch watch(line, journal);
  return run_pipeline(photos, models, line.run, journal, hooks);
}

/// What a run that failed leaves: said here, for nobody else knows of the journal.
[[noreturn]] void fail_run(const Error& error, const Journal& journal, const std::string& outdir) {
  const std::size_t photos = journal.count().photos;
  if (photos == 0) throw error;
  throw Error(error.kind(), std::string(error.what()) + "\n  " + std::to_string(photos) +
                                (photos == 1 ? " photo was" : " photos were") + " finished before, see " +
                                journal.path() + ": " + how_to_go_on(outdir));
}

/// Goes on with what lies in the output folder if that was asked for, and says how to if it was not.
void resume_if_asked(const CommandLine& line, const std::vector<SourcePhoto>& photos, Journal& journal,
                     Progress& progress) {
  const OutputOptions& output = line.run.output;
  if (output.resume) {
    resume_run(photos, line.run, journal);
    if (!line.quiet)
      progress.message(std::to_string(journal.count().photos) + " of " +
                       std::to_string(journal.run().photos) + " images are done");
  } else if (journal.unfinished() > 0) {
    log_warning(output.outdir + " holds an unfinished run of the same options with " +
                std::to_string(journal.unfinished()) +
                " images done: they are done again; the same call with --resume goes on with it");
  }
}

}  // namespace

int run_command(const CommandLine& given) {
  CommandLine line = given;
  line.run.source.shard = to_string(parse_shard(given.run.source.shard));
  Progress progress(line.quiet, isatty(STDERR_FILENO) != 0);
  set_log_sink([&](LogLevel level, std::string_view text) {
    if (level >= LogLevel::kInfo && !line.verbose) return;
    if (level == LogLevel::kWarning && line.quiet) return;
    progress.message((level == LogLevel::kWarning ? "warning: " : "") + std::string(text));
  });
  struct RemoveSink {
    ~RemoveSink() { set_log_sink(nullptr); }
  } remove_sink;

  for (const std::string& remark : line.remarks) log_warning(remark);
  const std::string& outdir = line.run.output.outdir;
  if (line.run.output.resume && line.run.output.overwrite)
    throw Error::usage("--resume goes on with what --overwrite gives up; give one of them");
  const std::vector<SourcePhoto> photos = collect_photos(line.run.source);
  const ModelCards cards = choose_models(line.run.models);
  check_names(line.run, cards);
  make_folders(outdir);
  Journal journal(outdir, describe_run(line, cards, photos), line.run.output.overwrite);
  for (const std::string& folder : written_folders(journal.run(), line.run.output, photos))
    remove_leftovers(folder);
  check_places(journal.run(), outdir);
  resume_if_asked(line, photos, journal, progress);
  RunSummary summary;
  Conclusion end;
  try {
    if (journal.count().photos < journal.run().photos) {
      Models models = load_models(cards, line.run.models, line.run.machine);
      summary = run_photos(line, photos, models, journal, progress);
    }
    end = conclude(journal, outdir, !summary.interrupted);
  } catch (...) {
    progress.clear();
    fail_run(current_error(), journal, outdir);
  }
  progress.clear();
  if (!line.run.models.detfile.empty() && end.count.people == 0)
    log_warning(line.run.models.detfile +
                " gave no people for these photos: its image_id must be a photo's name or COCO number");
  print_summary(line, summary, end, journal);
  if (summary.interrupted) return kExitInterrupted;
  return end.count.failed == 0 ? kExitOk : kExitSomeFailed;
}

}  // namespace pose
