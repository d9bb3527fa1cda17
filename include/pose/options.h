#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pose {

/// How many pixels a decoded picture may have unless the caller says otherwise: 2^27, about 134 million.
constexpr std::int64_t kDefaultMaxPixels = std::int64_t{1} << 27;

// Everything that a run depends on, by owner, with its defaults. Every field has the name of its option on
// the command line; "" or -1 means "as the model card says". `pose --help` and the manual say what each
// option is for and which values it takes; `check_options` (below) refuses all others.

/// Which photos.
struct SourceOptions {
  std::vector<std::string> inputs;  ///< positional: photos, folders, archives
  std::string indir;
  std::string list;   ///< file of names, one a line; "-": standard input
  std::string list0;  ///< the same, with names that end with a NUL
  std::vector<std::string> image;
  bool recursive = false;
  std::string shard;  ///< "i/N": only this part of the photos; "auto": the one that an array job says
  std::int64_t max_pixels = kDefaultMaxPixels;
};

/// Thresholds of all pose NMS methods; each is `--pose_nms_NAME` or `--NAME`.
struct SuppressOptions {
  // parametric (AlphaPose, src/suppress/README.md)
  float delta1 = 1.0f;
  float mu = 1.7f;
  float delta2 = 2.65f;
  float gamma = 22.48f;          ///< similarity above which a pose is the same person
  float score_threshold = 0.3f;  ///< people whose best joint is below are dropped
  int match_threshold = 5;       ///< joints that must coincide
  float area_threshold = 0.0f;
  float alpha = 0.1f;       ///< reference distance = alpha * longer side of the box
  float match_cap = 7.0f;   ///< pixels; upper limit of the reference distance when matching
  float merge_cap = 15.0f;  ///< pixels; and when merging
  /// "pixel": the caps above, as AlphaPose; "person": caps and the distance constants grow with the
  /// person's box, so that a photo and its enlargement give the same people.
  bool scale_by_person = false;
  // oks and soft-oks (HRNet)
  double oks_threshold = 0.9;
  double in_vis_threshold = 0.2;  ///< joints at or below do not count in the rescoring
  int soft_max_people = 20;
};

/// Which networks, and the rules around them.
struct ModelOptions {
  std::string detector = "person-small";
  std::string pose_model = "pose-small-256x192";
  std::string det_cfg, det_weights, pose_weights;
  std::vector<std::string> models_dir;
  std::string detfile;      ///< boxes from this file instead of a detector
  bool boxes_only = false;  ///< boxes are the results: no pose network is needed or loaded

  // detector
  std::string det_rules;
  int person_class = -1;
  int inp_dim = 0;  ///< 0: as the card says (608 for the YOLOv3 cards)
  double conf = -1;
  double nms = -1;

  // pose
  std::string flip = "off";  ///< "off", "on" (plain average), "shift" (one pixel to the right first)
  std::string decoder;
  bool matching = false;
  std::string pose_nms;
  SuppressOptions suppress;
};

/// What is written, and where.
struct OutputOptions {
  std::string outdir = "pose-out";
  std::string format = "coco";
  bool save_img = false;
  std::string vis_style = "pose";
  bool report = false;      ///< pages of the run for a browser
  bool vis_fast = false;    ///< short for `vis_style = "alphapose-fast"`
  std::string save_boxes;   ///< file for the detector's boxes
  std::string dump_stages;  ///< folder for what every stage produced
  bool overwrite = false;   ///< gives up what an unfinished run left in `outdir`
  bool resume = false;      ///< goes on with the run in `outdir`: what is done is not done again
};

/// What results are compared with, and how much they may differ (src/compare/README.md, 3).
struct CompareOptions {
  std::string against;         ///< reference for the results of a run; "": none
  double tolerance_px = 0.1;   ///< pixels that a joint may be away
  double tolerance_share = 0;  ///< the same as a share of the person's size; the greater counts
  double tolerance_score = 0.01;
  double tolerance_iou = 0.99;  ///< least overlap of boxes
  double min_score = -1;        ///< joints that the reference scores below do not count; -1: all count
};

/// Where it is computed, in which pieces.
struct MachineOptions {
  std::string engine = "auto";  ///< what runs the networks: a row of the table of engines
  std::string device = "cpu";
  int threads = 0;             ///< 0: all that the process may use
  bool progress_json = false;  ///< of the program: a line of JSON a second instead of a bar
  int detbatch = 1;
  int posebatch = 8;          ///< people per network run, at most
  bool small_memory = false;  ///< both batches are 1: the least memory, more slowly

  int photos_together() const { return small_memory ? 1 : detbatch; }
  int people_together() const { return small_memory ? 1 : posebatch; }
};

struct RunOptions {
  SourceOptions source;
  ModelOptions models;
  OutputOptions output;
  MachineOptions machine;
  /// Where the program took `models` from, as far as no option said otherwise; a call from code says it with
  /// `preset_models`.
  std::string preset = "small";
  CompareOptions compare;
};

/// One of `count` parts of a run's photos, `number` from 1 on. One part alone is the whole.
struct Shard {
  int number = 1, count = 1;
};

/// "2/5"; "" is the whole; "auto" is what the array job says in which this process runs: Slurm
/// (`SLURM_ARRAY_TASK_ID`, `_MIN`, `_MAX`, `_STEP`, `_COUNT`), AWS Batch (`AWS_BATCH_JOB_ARRAY_INDEX`,
/// `_SIZE`), Kubernetes' Indexed Job (`JOB_COMPLETION_INDEX`, and `POSE_SHARD_COUNT`, which the job must set
/// to its completions). Throws `kUsage`.
Shard parse_shard(const std::string& text);
/// The text that gives it back.
std::string to_string(const Shard& shard);

/// The networks of a preset, and how they are run: "small" (the defaults), "fast", "accurate", "alphapose",
/// "hrnet-paper". Throws `kUsage` with the nearest name.
ModelOptions preset_models(std::string_view name);

// Each throws `kUsage` for the first value that is outside its range, with the option's name, the value and
// the range: numbers must be finite and in range, texts without NUL bytes, those with a default and entries
// of lists not empty. Names of rows of tables (`format`, `decoder`, ...) are looked up where they are used.
void check_options(const SourceOptions& options);
void check_options(const ModelOptions& options);
void check_options(const OutputOptions& options);
void check_options(const CompareOptions& options);
void check_options(const MachineOptions& options);
void check_options(const RunOptions& options);

/// An option as `run.json` tells it.
struct OptionValue {
  std::string name;
  /// The same text for the same value, however it was written: "true", "-1", "0.4"; lists joined by blanks.
  std::string value;
  bool shapes_results;  ///< false if people come out the same whatever the value
  bool shapes_files;    ///< whether files per photo depend on it: pictures, dumps of stages
};

/// All options of a run in the order of `pose --help`.
std::vector<OptionValue> option_values(const RunOptions& options);

}  // namespace pose
