#include "pose/pipeline.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/atomic_file.h"
#include "output/stage_dump.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/photo_job.h"
#include "pipeline/stages.h"
#include "pose/log.h"
#include "pose/source.h"

namespace pose {
namespace {

/// Photos that wait together for a full pose batch: enough to fill one on usual photos, few enough to keep
/// memory and latency low. A fixed number, so that batches, and with them the last bits of results, do not
/// depend on timing.
constexpr std::size_t kPhotosPerPoseBatch = 4;
/// Finished photos that may wait to be drawn and written.
constexpr std::size_t kPhotosToWrite = 4;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One run: a reading thread, the calling thread for both networks, and a writing thread, joined by two
/// queues. The chain is linear and keeps the order, so it cannot deadlock and needs no sorting.
class Run {
 public:
  Run(const std::vector<SourcePhoto>& photos, Models& models, const RunOptions& options, RunSinks& sinks,
      const RunHooks& hooks)
      : photos_(photos),
        models_(models),
        options_(options),
        sinks_(sinks),
        hooks_(hooks),
        style_(drawing_style(options.output.vis_fast ? "alphapose-fast" : options.output.vis_style)),
        to_detect_(static_cast<std::size_t>(options.machine.detbatch) + 1),
        to_write_(kPhotosToWrite) {}

  RunSummary operator()() {
    const Clock::time_point start = Clock::now();
    std::thread reader([this] {
      guard([this] { read_all(); });
      to_detect_.close();
    });
    std::thread writer([this] { guard([this] { write_all(); }); });
    guard([this] { infer_all(); });
    to_write_.close();
    reader.join();
    writer.join();
    summary_.interrupted = summary_.photos < photos_.size();
    summary_.seconds = seconds_since(start);
    finish_sinks();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(summary_);
  }

 private:
  bool stopped() const { return hooks_.stop && hooks_.stop->load(); }

  /// The first exception of any thread ends the run: it is kept, and both queues are closed so that nobody
  /// waits.
  template <typename Work>
  void guard(Work work) {
    try {
      work();
    } catch (...) {
      {
        const std::lock_guard<std::mutex> lock(failure_mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
      to_detect_.close();
      to_write_.close();
    }
  }

  /// Also after a failure: what was finished before it is kept.
  void finish_sinks() {
    guard([this] { sinks_.results->finish(); });
    guard([this] {
      if (sinks_.boxes) sinks_.boxes->finish();
    });
    guard([this] { sinks_.report->finish(summary_.interrupted, summary_.seconds); });
  }

  void read_all() {
    for (const SourcePhoto& photo : photos_) {
      if (stopped()) return;
      auto job = std::make_unique<PhotoJob>();
      job->result.path = photo.path;
      job->result.name = photo.name;
      read_photo(*job, *models_.detector, options_.source.max_pixels);
      if (!to_detect_.push(std::move(job))) return;
    }
  }

  void infer_all() {
    std::vector<std::unique_ptr<PhotoJob>> held;
    for (bool more = true; more;) {
      std::vector<PhotoJob*> batch;
      while (more && batch.size() < static_cast<std::size_t>(options_.machine.detbatch)) {
        std::optional<std::unique_ptr<PhotoJob>> job = to_detect_.pop();
        more = job.has_value();
        if (!more) break;
        batch.push_back(job->get());
        held.push_back(std::move(*job));
      }
      detect_people(batch, models_, !options_.output.dump_stages.empty());
      if (!more || held.size() >= kPhotosPerPoseBatch || waiting_people(held) >= options_.machine.posebatch)
        flush(held);
    }
  }

  static int waiting_people(const std::vector<std::unique_ptr<PhotoJob>>& held) {
    std::size_t people = 0;
    for (const auto& job : held) people += job->crops.size();
    return static_cast<int>(people);
  }

  void flush(std::vector<std::unique_ptr<PhotoJob>>& held) {
    std::vector<PhotoJob*> jobs;
    for (const auto& job : held) jobs.push_back(job.get());
    compute_heatmaps(jobs, models_.pose, options_.machine.posebatch);
    for (auto& job : held) {
      if (!options_.output.save_img) job->image.release();
      to_write_.push(std::move(job));
    }
    held.clear();
  }

  void write_all() {
    while (std::optional<std::unique_ptr<PhotoJob>> job = to_write_.pop()) write_photo(**job);
  }

  void write_photo(PhotoJob& job) {
    PhotoRecord& result = job.result;
    if (result.ok()) {
      const std::vector<Person> decoded = solve_poses(job, models_.pose);
      {
        const StageTimer timer(job.seconds, Stage::kWrite);
        if (sinks_.boxes) sinks_.boxes->add(result.name, job.detections);
        sinks_.results->add(result);
      }
      try {
        if (!options_.output.dump_stages.empty()) dump_stages(job, decoded);
        if (options_.output.save_img) save_picture(job);
      } catch (const Error& e) {
        result.error = e;
      } catch (const std::exception& e) {  // of a picture too large to draw, say
        result.error = Error::internal(e.what());
      }
    }
    account(job);
  }

  void dump_stages(const PhotoJob& job, const std::vector<Person>& decoded) {
    StageDump dump;
    dump.boxes_before_nms = job.trace.before_nms;
    dump.boxes = job.detections;
    dump.crops = job.crops;
    dump.heatmaps = job.heatmaps;
    dump.decoded = decoded;
    dump.people = job.result.people;
    write_stage_dump(options_.output.dump_stages + "/" + job.result.name, dump);
  }

  void save_picture(PhotoJob& job) {
    cv::Mat picture = job.image;
    if (!job.detections.empty()) {
      const StageTimer timer(job.seconds, Stage::kDraw);
      picture = style_.draw(job.image, job.result.people, *models_.pose.skeleton);
    }
    const StageTimer timer(job.seconds, Stage::kWrite);
    const std::string path = options_.output.outdir + "/vis/" + vis_name(job.result.name);
    make_folders(std::filesystem::path(path).parent_path().string());
    write_image(path, picture);
  }

  void account(PhotoJob& job) {
    PhotoRecord& result = job.result;
    for (std::size_t i = 0; i < job.seconds.size(); ++i) {
      summary_.stage_seconds[i] += job.seconds[i];
      result.seconds += job.seconds[i];
    }
    sinks_.report->add(result);
    ++summary_.photos;
    summary_.people += result.people.size();
    if (!result.ok()) {
      summary_.failed.push_back(result);
      summary_.failed.back().people.clear();
    }
    if (hooks_.on_photo) hooks_.on_photo(result, summary_.photos, photos_.size());
  }

  const std::vector<SourcePhoto>& photos_;
  Models& models_;
  const RunOptions& options_;
  RunSinks& sinks_;
  const RunHooks& hooks_;
  const DrawingStyle& style_;
  BoundedQueue<std::unique_ptr<PhotoJob>> to_detect_, to_write_;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  RunSummary summary_;  // the writing thread's until it is joined
};

}  // namespace

RunSummary run_pipeline(const std::vector<SourcePhoto>& photos, Models& models, const RunOptions& options,
                        RunSinks& sinks, const RunHooks& hooks) {
  check_options(options);
  return Run(photos, models, options, sinks, hooks)();
}

std::vector<Person> estimate_people(const cv::Mat& bgr, Models& models, int posebatch) {
  PhotoJob job;
  job.image = bgr;
  job.result.size = {bgr.cols, bgr.rows};
  job.detector_input = models.detector->prepare(bgr, "");
  detect_people({&job}, models, false);
  compute_heatmaps({&job}, models.pose, posebatch);
  solve_poses(job, models.pose);
  return std::move(job.result.people);
}

}  // namespace pose
