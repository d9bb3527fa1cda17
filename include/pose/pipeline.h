#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pose/crop.h"
#include "pose/decode.h"
#include "pose/detect.h"
#include "pose/model_card.h"
#include "pose/network.h"
#include "pose/options.h"
#include "pose/output.h"
#include "pose/results.h"
#include "pose/source.h"
#include "pose/suppress.h"

namespace pose {

enum class FlipTest { kOff, kOn, kShift };

/// A heatmap network with the stages that belong to it; without a network boxes are all that is found.
struct PoseModel {
  std::unique_ptr<Network> network;
  InputSpec input;
  int joints = 0;  ///< the first so many maps are the skeleton's joints
  const Skeleton* skeleton = nullptr;
  const CropMethod* crop = nullptr;
  const Decoder* decoder = nullptr;
  const Suppressor* suppressor = nullptr;
  SuppressOptions suppress;
  FlipTest flip = FlipTest::kOff;
  bool matching = false;  ///< multi-peak decoding instead of `decoder` and `suppressor`
};

/// The two networks of a run.
struct Models {
  std::unique_ptr<Detector> detector;
  PoseModel pose;
};

enum class Stage { kRead, kDetect, kCrop, kPose, kPost, kDraw, kWrite };
constexpr std::array<std::string_view, 7> kStageNames{"decode", "detect", "crop", "pose",
                                                      "post",   "draw",   "write"};
/// Seconds per stage, indexed by `Stage`.
using StageSeconds = std::array<double, 7>;

struct RunHooks {
  /// Called after each photo, in input order, from the writing thread.
  std::function<void(const PhotoRecord& photo, std::size_t done, std::size_t total)> on_photo;
  /// Set to true (from a signal handler, say) to stop after what is in hand.
  const std::atomic<bool>* stop = nullptr;
};

struct RunSummary {
  std::size_t photos = 0;  ///< finished by this call, failed ones included
  std::size_t people = 0;
  std::vector<PhotoRecord> failed;  ///< without people: path, name and error
  bool interrupted = false;
  double seconds = 0;  ///< wall clock
  StageSeconds stage_seconds{};
};

/// Runs all photos that `journal` does not keep through the chain: reading, computing and writing overlap,
/// memory is bounded, and the journal gets one record per photo, in the order of `photos` whatever the
/// scheduling. Whatever a stage throws is the failure of one photo, and the others go on. Only what would
/// fail for every photo throws: a journal that cannot be written, a network that fails for three photos in a
/// row; and `kUsage` for options out of range and where the results of no photo at all could be written. What
/// was finished before is in the journal.
RunSummary run_pipeline(const std::vector<SourcePhoto>& photos, Models& models, const RunOptions& options,
                        Journal& journal, const RunHooks& hooks);

/// Goes on with the run in the journal's folder: photos that it has done, and that are as they were, are not
/// done again; those that failed for a reason that may have passed are. Throws as `Journal::resume`.
void resume_run(const std::vector<SourcePhoto>& photos, const RunOptions& options, Journal& journal);

/// Puts the complete runs of all shards of one run together, in any order, as if it had been one: result
/// files, `run.json`, the journal and, if there are any, pictures (as hard links where that goes).
/// `boxes_file` as `--save_boxes`, "" for none. Throws `kNotFound`, `kUsage` in words that name the shard for
/// what does not fit together: shards that are missing, twice there or not finished, other options or models,
/// photos that came or went between their runs.
JournalCount merge_runs(const std::string& outdir, const std::vector<std::string>& shards,
                        const std::string& boxes_file);

/// The people on one picture, ranked: the same stages without threads or files.
std::vector<Person> estimate_people(const cv::Mat& bgr, Models& models, int posebatch);

}  // namespace pose
