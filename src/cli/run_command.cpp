#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>

#include "base/atomic_file.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/switches.h"
#include "estimator/load_models.h"
#include "pose/log.h"
#include "pose/pipeline.h"
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

RunReport::Model describe_model(const char* role, const ModelCard& card) {
  return {role, card.name, std::filesystem::path(card.weights).filename().string(),
          sha256_of_file(card.weights)};
}

std::vector<RunReport::Model> describe_models(const ModelCards& cards) {
  std::vector<RunReport::Model> models;
  if (cards.detector) models.push_back(describe_model("detector", *cards.detector));
  models.push_back(describe_model("pose", cards.pose));
  return models;
}

/// Options and switches as `run.json` tells them.
std::vector<std::pair<std::string, std::string>> settings_of(const CommandLine& line) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (OptionValue& option : option_values(line.run))
    settings.emplace_back(std::move(option.name), std::move(option.value));
  for (const ProgramSwitch& row : kSwitches)
    settings.emplace_back(row.name, line.*row.place ? "true" : "false");
  return settings;
}

RunSinks open_sinks(const CommandLine& line, const Skeleton& skeleton,
                    const std::vector<RunReport::Model>& models) {
  RunSinks sinks;
  sinks.results = output_format(line.run.output.format).make(line.run.output.outdir, skeleton);
  sinks.report = std::make_unique<RunReport>(line.run.output.outdir, kVersion, settings_of(line), models);
  if (!line.run.output.save_boxes.empty())
    sinks.boxes = std::make_unique<BoxesWriter>(line.run.output.save_boxes);
  return sinks;
}

/// Names that no table knows are told before models are loaded, which takes seconds.
void check_names(const RunOptions& run, const ModelCards& cards) {
  output_format(run.output.format);
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

void print_summary(const CommandLine& line, const RunSummary& summary, std::size_t total) {
  for (const PhotoRecord& photo : summary.failed)
    std::fprintf(stderr, "pose: failed: %s: %s\n", photo.path.c_str(), photo.error->what());
  if (line.quiet) return;
  if (summary.interrupted)
    std::fprintf(stderr, "pose: interrupted after %zu of %zu images; what was finished is written\n",
                 summary.photos, total);
  std::fprintf(stderr, "pose: %zu images, %zu people, %zu failed, %s; results in %s\n", summary.photos,
               summary.people, summary.failed.size(), clock_text(summary.seconds).c_str(),
               line.run.output.outdir.c_str());
  if (line.profile) print_profile(summary);
}

}  // namespace

int run_command(const CommandLine& line) {
  Progress progress(line.quiet, isatty(STDERR_FILENO) != 0);
  set_log_sink([&](LogLevel level, std::string_view text) {
    if (level >= LogLevel::kInfo && !line.verbose) return;
    if (level == LogLevel::kWarning && line.quiet) return;
    progress.message("pose: " + std::string(level == LogLevel::kWarning ? "warning: " : "") +
                     std::string(text));
  });
  struct RemoveSink {
    ~RemoveSink() { set_log_sink(nullptr); }
  } remove_sink;

  const std::vector<SourcePhoto> photos = collect_photos(line.run.source);
  const ModelCards cards = choose_models(line.run.models);
  check_names(line.run, cards);
  make_folders(line.run.output.outdir);
  auto descriptions = std::async(std::launch::async, [&] { return describe_models(cards); });
  Models models = load_models(cards, line.run.models, line.run.machine);
  RunSinks sinks = open_sinks(line, *models.pose.skeleton, descriptions.get());

  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  RunHooks hooks;
  hooks.stop = &g_stop;
  hooks.on_photo = [&](const PhotoRecord& photo, std::size_t done, std::size_t total) {
    if (!photo.ok())
      log_warning(photo.name + ": " + photo.error->what());
    else
      log_info(photo.name + ": " + std::to_string(photo.people.size()) + " people");
    progress.update(done, total);
  };
  const RunSummary summary = run_pipeline(photos, models, line.run, sinks, hooks);
  progress.clear();
  if (!line.run.models.detfile.empty() && summary.people == 0)
    log_warning(line.run.models.detfile +
                " gave no people for these photos: its image_id must be a photo's name or COCO number");
  print_summary(line, summary, photos.size());
  if (summary.interrupted) return kExitInterrupted;
  return summary.failed.empty() ? kExitOk : kExitSomeFailed;
}

}  // namespace pose
