#include "options/option_table.h"

namespace pose {
namespace {

constexpr const char* kInput = "Input";
constexpr const char* kOutput = "Output";
constexpr const char* kModels = "Models";
constexpr const char* kDetector = "Detector";
constexpr const char* kPose = "Pose";
constexpr const char* kPoseNms = "Pose NMS thresholds";
constexpr const char* kMachine = "Machine and messages";

constexpr bool kShapes = true;  // the results
constexpr bool kKeeps = false;
constexpr bool kShapesFiles = true;  // of a photo

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
constexpr NumberRange kFromZero{0, kNoLimit};
constexpr NumberRange kFromOne{1, kNoLimit};
constexpr NumberRange kShare{0, 1};
constexpr NumberRange kShareOrCard{0, 1, -1};

#define AT(field) [](RunOptions& run) -> OptionPlace { return &run.field; }

}  // namespace

const std::vector<Option>& option_table() {
  static const std::vector<Option> table{
      {"inputs", kInput, "FILE|DIR",
       "photos, folders, and zip and tar archives of photos ('-' reads one from standard input)", kShapes,
       AT(source.inputs)},
      {"indir", kInput, "DIR", "folder of photos (its top level)", kShapes, AT(source.indir), {}, 'i'},
      {"recursive", kInput, "", "take whole folder trees; results keep the tree", kShapes,
       AT(source.recursive)},
      {"shard", kInput, "I/N",
       "only part I of N of the photos, chosen by their names; auto: as the array job says (Slurm, "
       "Kubernetes, "
       "AWS Batch)",
       kShapes, AT(source.shard)},
      {"list", kInput, "FILE", "file of names, one a line, relative to --indir; '-' reads standard input",
       kShapes, AT(source.list)},
      {"list0", kInput, "FILE", "the same with names that end with a NUL (find -print0)", kShapes,
       AT(source.list0)},
      {"image", kInput, "FILE", "single photos", kShapes, AT(source.image)},
      {"max_pixels", kInput, "N", "refuse pictures with more pixels than this", kShapes,
       AT(source.max_pixels), kFromOne},

      {"outdir", kOutput, "DIR", "folder for results, made if missing", kKeeps, AT(output.outdir), {}, 'o'},
      {"overwrite", kOutput, "", "give up what an unfinished run left in the output folder", kKeeps,
       AT(output.overwrite)},
      {"resume", kOutput, "", "go on with the run in the output folder: what is done is not done again",
       kKeeps, AT(output.resume)},
      {"save_img",
       kOutput,
       "",
       "draw the people: OUTDIR/vis/NAME",
       kKeeps,
       AT(output.save_img),
       {},
       0,
       kShapesFiles},
      {"format", kOutput, "NAME", "JSON form: coco, cmu, open (as AlphaPose), coco-eval", kShapes,
       AT(output.format)},
      {"vis_style",
       kOutput,
       "NAME",
       "drawing: pose, alphapose, alphapose-fast",
       kKeeps,
       AT(output.vis_style),
       {},
       0,
       kShapesFiles},
      {"vis_fast",
       kOutput,
       "",
       "the same as --vis_style alphapose-fast",
       kKeeps,
       AT(output.vis_fast),
       {},
       0,
       kShapesFiles},
      {"report", kOutput, "", "make pages for a browser: OUTDIR/report/index.html", kKeeps,
       AT(output.report)},
      {"save_boxes", kOutput, "FILE", "write the detector's boxes (COCO-style list)", kKeeps,
       AT(output.save_boxes)},
      {"dump_stages",
       kOutput,
       "DIR",
       "write what every stage produced, per photo",
       kKeeps,
       AT(output.dump_stages),
       {},
       0,
       kShapesFiles},

      {"against", kCompareGroup, "FILE",
       "compare the results with this reference, of any form; exit code 1 if they differ", kKeeps,
       AT(compare.against)},
      {"tolerance_px", kCompareGroup, "PIXELS", "how far away a joint may be", kKeeps,
       AT(compare.tolerance_px), kFromZero},
      {"tolerance_share", kCompareGroup, "SHARE",
       "the same as a share of the person's size; the greater counts", kKeeps, AT(compare.tolerance_share),
       kFromZero},
      {"tolerance_score", kCompareGroup, "SCORE", "how much scores may differ", kKeeps,
       AT(compare.tolerance_score), kFromZero},
      {"tolerance_iou", kCompareGroup, "SHARE", "how much boxes must overlap (IoU)", kKeeps,
       AT(compare.tolerance_iou), kShare},
      {"min_score",
       kCompareGroup,
       "SCORE",
       "joints that the reference scores below do not count (-1: all do)",
       kKeeps,
       AT(compare.min_score),
       {0, kNoLimit, -1}},

      {"preset", kModels, "NAME",
       "both networks and the flip test: small, fast, accurate, alphapose, hrnet-paper; other options go "
       "before it",
       kKeeps, AT(preset)},
      {"detector", kModels, "CARD", "card name or path, or whole-image", kShapes, AT(models.detector)},
      {"pose_model", kModels, "CARD", "card name or path", kShapes, AT(models.pose_model)},
      {"det_cfg", kModels, "FILE", "Darknet cfg instead of a detector card", kShapes, AT(models.det_cfg)},
      {"det_weights", kModels, "FILE", "weights of the detector", kShapes, AT(models.det_weights)},
      {"pose_weights", kModels, "FILE", "weights of the pose model, any readable format", kShapes,
       AT(models.pose_weights)},
      {"models_dir", kModels, "DIR", "more folders with cards, looked at first", kShapes,
       AT(models.models_dir)},
      {"detfile", kModels, "FILE",
       "boxes from this file instead of a detector: COCO list or data set, --save_boxes, journal", kShapes,
       AT(models.detfile)},
      {"boxes_only", kModels, "",
       "write the detector's boxes as results, for --detfile; no pose network is needed", kShapes,
       AT(models.boxes_only)},

      {"inp_dim",
       kDetector,
       "N",
       "network input side, a multiple of 32 (0: the card's; YOLOv3: 608)",
       kShapes,
       AT(models.inp_dim),
       {64, 4096, 0, 32}},
      {"conf", kDetector, "SCORE", "score threshold (-1: the card's; YOLOv3: 0.05)", kShapes, AT(models.conf),
       kShareOrCard},
      {"nms", kDetector, "SHARE", "overlap threshold (-1: the card's; YOLOv3: 0.6)", kShapes, AT(models.nms),
       kShareOrCard},
      {"detbatch", kDetector, "N", "photos per detector run", kKeeps, AT(machine.detbatch), {1, 1024}},
      {"det_rules", kDetector, "NAME", "alphapose, darknet, darknet-letterbox (default: the card's)", kShapes,
       AT(models.det_rules)},
      {"person_class",
       kDetector,
       "N",
       "number of the class 'person' (-1: found from the classes)",
       kShapes,
       AT(models.person_class),
       {-1, kNoLimit}},

      {"posebatch", kPose, "N", "people per network run, at most", kKeeps, AT(machine.posebatch), {1, 4096}},
      {"flip", kPose, "NAME", "flip test: off, on (AlphaPose), shift (HRNet)", kShapes, AT(models.flip)},
      {"decoder", kPose, "NAME", "alphapose, quarter-shift, argmax, dark (default: the card's)", kShapes,
       AT(models.decoder)},
      {"matching", kPose, "", "AlphaPose's multi-peak matching instead of pose NMS", kShapes,
       AT(models.matching)},
      {"pose_nms", kPose, "NAME", "parametric, oks, soft-oks, none (default: the card's)", kShapes,
       AT(models.pose_nms)},

      {"pose_nms_scale", kPoseNms, "pixel|person",
       "parametric caps in pixels, as AlphaPose, or relative to the person", kShapes,
       AT(models.suppress.scale_by_person)},
      {"pose_nms_delta1", kPoseNms, "PIXELS", "up to this distance the scores of joints count as similarity",
       kShapes, AT(models.suppress.delta1), kFromZero},
      {"pose_nms_delta2",
       kPoseNms,
       "PIXELS",
       "scale on which similarity falls with distance",
       kShapes,
       AT(models.suppress.delta2),
       {0.001, kNoLimit}},
      {"pose_nms_mu", kPoseNms, "WEIGHT", "weight of distances against scores in the similarity", kShapes,
       AT(models.suppress.mu), kFromZero},
      {"pose_nms_gamma", kPoseNms, "NUMBER", "similarity that makes two poses one person", kShapes,
       AT(models.suppress.gamma), kFromZero},
      {"pose_nms_score", kPoseNms, "SCORE", "drop people whose best joint is below", kShapes,
       AT(models.suppress.score_threshold), kFromZero},
      {"pose_nms_matches", kPoseNms, "N", "joints that must coincide", kShapes,
       AT(models.suppress.match_threshold), kFromZero},
      {"pose_nms_area", kPoseNms, "PIXELS", "drop people whose joints span a smaller area", kShapes,
       AT(models.suppress.area_threshold), kFromZero},
      {"pose_nms_alpha", kPoseNms, "SHARE", "reference distance per longer box side", kShapes,
       AT(models.suppress.alpha), kFromZero},
      {"pose_nms_match_cap", kPoseNms, "PIXELS", "upper limit of the reference distance when matching",
       kShapes, AT(models.suppress.match_cap), kFromZero},
      {"pose_nms_merge_cap", kPoseNms, "PIXELS", "upper limit of the reference distance when merging",
       kShapes, AT(models.suppress.merge_cap), kFromZero},
      {"oks_threshold", kPoseNms, "SHARE", "OKS above which two poses are one person", kShapes,
       AT(models.suppress.oks_threshold), kShare},
      {"in_vis_threshold", kPoseNms, "SCORE", "joints at or below do not count in the score", kShapes,
       AT(models.suppress.in_vis_threshold), kFromZero},
      {"soft_max_people", kPoseNms, "N", "people that soft-oks keeps", kShapes,
       AT(models.suppress.soft_max_people), kFromOne},

      {"engine", kMachine, "auto|cpu|torch",
       "our own loops for processors, or LibTorch (CUDA, TorchScript); auto takes the one that suits",
       kShapes, AT(machine.engine)},
      {"device", kMachine, "NAME", "cpu, cuda, cuda:N", kShapes, AT(machine.device)},
      {"memory", kMachine, "full|small", "small: people and photos go through the networks one by one",
       kKeeps, AT(machine.small_memory)},
      {"threads", kMachine, "N", "CPU threads (0: all usable cores)", kKeeps, AT(machine.threads), {0, 1024}},
      {"progress", kMachine, "bar|json", "a bar or lines, or a line of JSON a second on standard error",
       kKeeps, AT(machine.progress_json)},
  };
  return table;
}

#undef AT

}  // namespace pose
