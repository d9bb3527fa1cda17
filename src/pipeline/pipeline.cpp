#include "pose/pipeline.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <numeric>
#include <thread>
#include <utility>

#include "base/atomic_file.h"
#include "output/stage_dump.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/in_hand.h"
#include "pipeline/output_names.h"
#include "pipeline/stage_timer.h"
#include "pipeline/stages.h"
#include "pose/image.h"
#include "pose/log.h"

namespace pose {
namespace {

/// Photos that wait together for a full pose batch: enough to fill one on usual photos, few enough to keep
/// memory and latency low. A fixed number, so that batches, and with them the last bits of results, do not
/// depend on timing.
constexpr std::size_t kPhotosPerPoseBatch = 4;
/// Finished photos that may wait to be drawn and written.
constexpr std::size_t kPhotosToWrite = 4;
/// Photos in a row for which a network may fail before it is the network's fault.
constexpr int kFailuresInARow = 3;
/// How many photos that cannot be written are told one by one.
constexpr std::size_t kFaultsShown = 20;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Counts how often a network fails for one photo after the other.
class NetworkWatch {
 public:
  explicit NetworkWatch(const char* network) : network_(network) {}

  void worked() { failures_ = 0; }

  /// Runs the network for one photo.
  template <typename Work>
  auto run(Work work) {
    try {
      auto result = work();
      worked();
      return result;
    } catch (const NetworkError& e) {
      if (++failures_ < kFailuresInARow) throw;
      throw RunError(e.with_context(std::string("the ") + network_ +
                                    " failed for three photos in a row, the last time"));
    }
  }

 private:
  const char* network_;
  int failures_ = 0;
};

class JoiningThread {
 public:
  template <typename Work>
  void start(Work work) {
    thread_ = std::thread(std::move(work));
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  ~JoiningThread() { join(); }

 private:
  std::thread thread_;
};

/// One run: a reading thread, the calling thread for both networks, and a writing thread, joined by two
/// queues. The chain is linear and keeps the order, so it cannot deadlock and needs no sorting.
class Run {
 public:
  Run(const std::vector<SourcePhoto>& photos, Models& models, const RunOptions& options, Journal& journal,
      const RunHooks& hooks)
      : photos_(photos),
        faults_(output_faults(photos, options.output)),
        models_(models),
        options_(options),
        journal_(journal),
        shard_(parse_shard(options.source.shard)),
        to_do_(count_to_do()),
        hooks_(hooks),
        style_(drawing_style(options.output.vis_fast ? "alphapose-fast" : options.output.vis_style)),
        to_detect_(static_cast<std::size_t>(options.machine.photos_together()) + 1),
        to_write_(kPhotosToWrite) {}

  RunSummary operator()() {
    tell_faults();
    const Clock::time_point start = Clock::now();
    {
      JoiningThread reader, writer;
      guard([&] {
        reader.start([this] {
          guard([this] { read_all(); });
          to_detect_.close();
        });
        writer.start([this] { guard([this] { write_all(); }); });
        infer_all();
      });
      to_write_.close();
    }
    guard([this] { journal_.sync(); });
    summary_.interrupted = summary_.photos < to_do_;
    summary_.seconds = seconds_since(start);
    if (failure_) std::rethrow_exception(failure_);
    return std::move(summary_);
  }

 private:
  bool is_ours(std::size_t i) const { return in_shard(photos_[i].name, shard_); }
  bool is_to_do(std::size_t i) const { return is_ours(i) && !journal_.keeps(i); }
  std::size_t count_to_do() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < photos_.size(); ++i) count += is_to_do(i);
    return count;
  }

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

  /// What is known to fail is told before hours of work, not after them.
  void tell_faults() const {
    std::size_t count = 0, hopeless = 0;
    const OutputFaults* first_hopeless = nullptr;
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      if (!is_to_do(i)) continue;
      const OutputFaults& faults = faults_[i];
      if (faults.results && ++hopeless == 1) first_hopeless = &faults;
      if ((!faults.results && !faults.picture) || ++count > kFaultsShown) continue;
      log_warning("cannot write " + std::string(faults.results ? "results" : "the picture") + " of " +
                  photos_[i].path + ": " + (faults.results ? faults.results : faults.picture)->what());
    }
    if (count > kFaultsShown)
      log_warning("nor of " + std::to_string(count - kFaultsShown) + " more photos (see run.json)");
    if (hopeless == to_do_ && hopeless > 0) throw *first_hopeless->results;
  }

  void read_all() {
    for (std::size_t i = 0; i < photos_.size() && !stopped(); ++i)
      if (is_to_do(i) && !to_detect_.push(read(i))) return;
  }

  InHand<Photo> read(std::size_t i) const {
    InHand<Photo> item;
    item.record.index = i;
    item.record.path = photos_[i].path;
    item.record.name = photos_[i].name;
    item.record.error = faults_[i].results;
    if (item.record.error) return item;
    item.record.file = photos_[i].stamp(photos_[i]);  // of one that cannot be read, too
    try {
      item.photo = load_photo(photos_[i], *models_.detector, options_.source.max_pixels);
      item.record.file = item.photo->file;
      item.record.warning = item.photo->warning;
      item.record.size = {item.photo->image.cols, item.photo->image.rows};
    } catch (...) {
      item.record.error = current_error();
    }
    return item;
  }

  void infer_all() {
    std::vector<InHand<CroppedPhoto>> held;
    for (bool more = true; more;) {
      std::vector<InHand<Photo>> batch;
      while (more && batch.size() < static_cast<std::size_t>(options_.machine.photos_together())) {
        std::optional<InHand<Photo>> item = to_detect_.pop();
        more = item.has_value();
        if (more) batch.push_back(std::move(*item));
      }
      for (InHand<DetectedPhoto>& item : detect(std::move(batch)))
        held.push_back(
            step(std::move(item), [&](const DetectedPhoto& p) { return plan_crops(p, models_.pose); }));
      if (!more || held.size() >= kPhotosPerPoseBatch ||
          waiting_people(held) >= options_.machine.people_together())
        flush(std::exchange(held, {}));
    }
  }

  std::vector<InHand<DetectedPhoto>> detect(std::vector<InHand<Photo>> batch) {
    const auto find = [&](const std::vector<Photo>& photos) {
      return detect_people(photos, *models_.detector, !options_.output.dump_stages.empty());
    };
    const auto together = [&](const std::vector<Photo>& photos) {
      std::vector<DetectedPhoto> found = find(photos);
      if (!photos.empty()) detector_watch_.worked();
      return found;
    };
    return step_together(std::move(batch), together, [&](const Photo& photo) {
      return detector_watch_.run([&] { return std::move(find({photo}).front()); });
    });
  }

  static int waiting_people(const std::vector<InHand<CroppedPhoto>>& held) {
    return std::accumulate(held.begin(), held.end(), 0, [](int sum, const InHand<CroppedPhoto>& item) {
      return sum + (item.photo ? static_cast<int>(item.photo->crops.size()) : 0);
    });
  }

  void flush(std::vector<InHand<CroppedPhoto>> held) {
    const bool anybody = waiting_people(held) > 0;
    const auto together = [&](const std::vector<CroppedPhoto>& photos) {
      std::vector<HeatmapPhoto> done =
          compute_heatmaps(photos, models_.pose, options_.machine.people_together());
      if (anybody) pose_watch_.worked();
      return done;
    };
    const auto person_by_person = [&](const CroppedPhoto& photo) {
      const auto work = [&] { return std::move(compute_heatmaps({photo}, models_.pose, 1).front()); };
      return photo.crops.empty() ? work() : pose_watch_.run(work);
    };
    for (InHand<HeatmapPhoto>& item : step_together(std::move(held), together, person_by_person)) {
      if (item.photo && !options_.output.save_img) item.photo->image.release();
      to_write_.push(std::move(item));
    }
  }

  void write_all() {
    for (;;) {
      if (const std::optional<double> due = journal_.sync_due(); due && (*due <= 0 || !to_write_.wait(*due)))
        journal_.sync();
      std::optional<InHand<HeatmapPhoto>> item = to_write_.pop();
      if (!item) return;
      write(std::move(*item));
    }
  }

  /// A photo whose picture cannot be written fails, but its people are kept.
  void write(InHand<HeatmapPhoto> item) {
    InHand<SolvedPhoto> solved = step(std::move(item), [&](const HeatmapPhoto& photo) {
      SolvedPhoto result = solve_poses(photo, models_.pose);
      PhotoRecord numbers;
      numbers.boxes = result.boxes;
      numbers.people = result.people;
      if (!is_finite(numbers)) throw Error::mismatch("the networks give places that are no numbers");
      return result;
    });
    if (solved.photo) {
      solved.record.boxes = solved.photo->boxes;
      solved.record.people = solved.photo->people;
    }
    const std::string name = solved.record.name;
    const std::optional<Error>& picture_fault = faults_[solved.record.index].picture;
    account(step(std::move(solved), [&](SolvedPhoto photo) {
      if (!options_.output.dump_stages.empty()) dump_stages(photo, name);
      if (picture_fault) throw *picture_fault;
      if (options_.output.save_img) save_picture(photo, name);
      return photo.seconds;
    }));
  }

  void dump_stages(const SolvedPhoto& photo, const std::string& name) const {
    StageDump dump;
    dump.boxes_before_nms = photo.trace.before_nms;
    dump.boxes = photo.boxes;
    dump.crops = photo.crops;
    dump.heatmaps = photo.heatmaps;
    dump.decoded = photo.decoded;
    dump.people = photo.people;
    write_stage_dump(options_.output.dump_stages + "/" + name, dump);
  }

  void save_picture(SolvedPhoto& photo, const std::string& name) const {
    cv::Mat picture = photo.image;
    if (!photo.boxes.empty()) {
      const StageTimer timer(photo.seconds, Stage::kDraw);
      picture = models_.pose.network ? style_.draw(photo.image, photo.people, *models_.pose.skeleton)
                                     : draw_boxes(photo.image, photo.boxes);
    }
    const StageTimer timer(photo.seconds, Stage::kWrite);
    const std::string path = options_.output.outdir + "/vis/" + vis_name(name);
    make_folders(std::filesystem::path(path).parent_path().string());
    write_image(path, picture);
  }

  void account(InHand<StageSeconds> done) {
    PhotoRecord& record = done.record;
    const StageSeconds seconds = done.photo.value_or(StageSeconds{});
    record.seconds = std::accumulate(seconds.begin(), seconds.end(), 0.0);
    for (std::size_t i = 0; i < seconds.size(); ++i) summary_.stage_seconds[i] += seconds[i];
    journal_.append(record);
    ++summary_.photos;
    summary_.people += record.people.size();
    if (hooks_.on_photo) hooks_.on_photo(record, summary_.photos, to_do_);
    if (record.ok()) return;
    record.boxes.clear();
    record.people.clear();
    summary_.failed.push_back(std::move(record));
  }

  const std::vector<SourcePhoto>& photos_;
  const std::vector<OutputFaults> faults_;
  Models& models_;
  const RunOptions& options_;
  Journal& journal_;
  const Shard shard_;
  const std::size_t to_do_;  ///< photos
  const RunHooks& hooks_;
  const DrawingStyle& style_;
  NetworkWatch detector_watch_{"detector"}, pose_watch_{"pose network"};
  BoundedQueue<InHand<Photo>> to_detect_;
  BoundedQueue<InHand<HeatmapPhoto>> to_write_;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  RunSummary summary_;  // the writing thread's until it is joined
};

}  // namespace

RunSummary run_pipeline(const std::vector<SourcePhoto>& photos, Models& models, const RunOptions& options,
                        Journal& journal, const RunHooks& hooks) {
  check_options(options);
  return Run(photos, models, options, journal, hooks)();
}

std::vector<Person> estimate_people(const cv::Mat& bgr, Models& models, int posebatch) {
  const auto detected = detect_people({photo_of(bgr, *models.detector, "")}, *models.detector, false);
  const auto cropped = plan_crops(detected.front(), models.pose);
  return solve_poses(compute_heatmaps({cropped}, models.pose, posebatch).front(), models.pose).people;
}

}  // namespace pose
