#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>

#include "base/atomic_file.h"
#include "base/sha256.h"
#include "cli/against.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/run_summary.h"
#include "cli/run_watch.h"
#include "cli/switches.h"
#include "cli/terminal.h"
#include "estimator/load_models.h"
#include "graph/architectures.h"
#include "pose/log.h"
#include "pose/output.h"
#include "pose/pipeline.h"
#include "pose/report.h"
#include "pose/results.h"
#include "pose/source.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr const char* kBoxesForm = "boxes";

ModelInfo describe_model(const char* role, const std::string& name, const std::string& file) {
  return {role, name, std::filesystem::path(file).filename().string(), sha256_of_file(file)};
}

/// A list of boxes stands where a detector would: other boxes are another run.
std::vector<ModelInfo> describe_models(const ModelCards& cards, const std::string& detfile) {
  std::vector<ModelInfo> models;
  if (cards.detector)
    models.push_back(describe_model("detector", cards.detector->name, cards.detector->weights));
  if (!detfile.empty()) models.push_back(describe_model("detector", "detfile", detfile));
  if (cards.pose) models.push_back(describe_model("pose", cards.pose->name, cards.pose->weights));
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
  const bool torch = machine.engine == "torch" || machine.device != "cpu" ||
                     (cards.pose && cards.pose->architecture == kTorchScript);
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
  if (cards.pose) run.skeleton = cards.pose->skeleton;
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
  if (!cards.pose) return;
  decoder(cards.pose->decoder);
  suppressor(cards.pose->pose_nms);
}

/// Ends an interrupted run without waiting for the other threads, which may never come back.
[[noreturn]] void leave(const CommandLine& line, Journal& journal) {
  try {
    RunSummary summary;
    summary.interrupted = true;
    print_summary(line, summary, conclude(journal, line.run.output.outdir, false), journal);
  } catch (...) {
    say(current_error().what());
  }
  std::fflush(stdout);  // not all: a file that hangs is locked
  _exit(kExitInterrupted);
}

RunSummary run_photos(const CommandLine& line, const std::vector<SourcePhoto>& photos, Models& models,
                      Journal& journal, Progress& progress) {
  RunHooks hooks;
  hooks.stop = &catch_stop_signals();
  hooks.on_photo = [&](const PhotoRecord& photo, std::size_t, std::size_t) {
    if (!photo.ok())
      log_warning(photo.name + ": " + photo.error->what());
    else if (!photo.warning.empty())
      log_warning(photo.name + ": " + photo.warning);
    else
      log_info(photo.name + ": " + counted(photo.people.size(), "person", "people"));
    progress.update(photo);
  };
  progress.begin(journal.run().photos, journal.count());
  const RunWatch watch(progress, [&] { leave(line, journal); });
  RunSummary summary = run_pipeline(photos, models, line.run, journal, hooks);
  progress.end();
  return summary;
}

/// With the values that options stand for.
CommandLine made_plain(CommandLine line) {
  line.run.source.shard = to_string(parse_shard(line.run.source.shard));
  if (!line.run.models.boxes_only) return line;
  std::string& format = line.run.output.format;
  if (format != kBoxesForm && format != OutputOptions().format)
    throw Error::usage("--boxes_only writes boxes alone: leave out --format " + format);
  format = kBoxesForm;
  return line;
}

ProgressForm progress_form(const CommandLine& line) {
  if (line.run.machine.progress_json) return ProgressForm::kJson;
  if (line.quiet) return ProgressForm::kNone;
  return isatty(STDERR_FILENO) != 0 ? ProgressForm::kBar : ProgressForm::kLines;
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
  const CommandLine line = made_plain(given);
  answer_state_signals();
  Progress progress(progress_form(line));
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
  const Against against(line.run.compare);
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
  if (line.run.output.report) {
    const std::string page = write_report(outdir);
    if (!line.quiet) say("report: " + page);
  }
  return against.check(outdir, line.quiet, end.count.failed == 0 ? kExitOk : kExitSomeFailed);
}

}  // namespace pose
