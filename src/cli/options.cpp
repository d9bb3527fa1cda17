#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "base/lookup.h"
#include "cli/exit_code.h"
#include "pose/error.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 all done, 1 the run failed, 2 usage, 3 some photos failed (listed at the end and in run.json),
130 interrupted (what was finished is written).

Examples:
  pose --save_img photo.jpg                        picture and JSON in pose-out/
  pose --indir photos --outdir out --save_img
  pose --indir photos --detector yolov3-spp --pose_model hrnet-w48-384x288 --flip shift
  pose inspect duc_se.pth                          what is in a weight file
  pose models                                      the models that pose knows)";

/// Options are written with underscores, as AlphaPose does; hyphens are taken as well.
std::string with_underscores(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const auto end =
      argument.begin() + static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
  std::replace(argument.begin() + 2, end, '-', '_');
  return argument;
}

/// The arguments in the order that CLI11 wants them: reversed, without the program's name.
std::vector<std::string> reversed_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool names = true;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") names = false;
    arguments.push_back(names ? with_underscores(argument) : argument);
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

void add_input_options(CLI::App& app, SourceOptions& run) {
  const char* group = "Input";
  app.add_option("inputs", run.inputs, "photos and folders")
      ->type_name("FILE|DIR")
      ->take_all()
      ->default_str("")
      ->group(group);
  app.add_option("--indir", run.indir, "folder of photos (its top level)")->type_name("DIR")->group(group);
  app.add_flag("--recursive", run.recursive, "take whole folder trees; results keep the tree")->group(group);
  app.add_option("--list", run.list,
                 "file of names, one a line, relative to --indir; '-' reads standard input")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--image", run.image, "single photos")
      ->type_name("FILE")
      ->take_all()
      ->default_str("")
      ->group(group);
  app.add_option("--max_pixels", run.max_pixels, "refuse pictures with more pixels than this")->group(group);
}

void add_output_options(CLI::App& app, OutputOptions& run) {
  const char* group = "Output";
  app.add_option("--outdir", run.outdir, "folder for results, made if missing")
      ->type_name("DIR")
      ->group(group);
  app.add_flag("--save_img", run.save_img, "draw the people: OUTDIR/vis/NAME")->group(group);
  app.add_option("--format", run.format, "JSON form: coco, cmu, open (as AlphaPose), coco-eval")
      ->group(group);
  app.add_option("--vis_style", run.vis_style, "drawing: pose, alphapose, alphapose-fast")->group(group);
  app.add_flag("--vis_fast", run.vis_fast, "the same as --vis_style alphapose-fast")->group(group);
  app.add_flag("--overwrite", run.overwrite, "give up what an unfinished run left in the output folder")
      ->group(group);
  app.add_option("--save_boxes", run.save_boxes, "write the detector's boxes (COCO-style list)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--dump_stages", run.dump_stages, "write what every stage produced, per photo")
      ->type_name("DIR")
      ->group(group);
}

void add_model_options(CLI::App& app, ModelOptions& run) {
  const char* group = "Models";
  app.add_option("--detector", run.detector, "card name or path, or whole-image")
      ->type_name("CARD")
      ->group(group);
  app.add_option("--pose_model", run.pose_model, "card name or path")->type_name("CARD")->group(group);
  app.add_option("--det_cfg", run.det_cfg, "Darknet cfg instead of a detector card")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--det_weights", run.det_weights, "weights of the detector")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--pose_weights", run.pose_weights, "weights of the pose model, any readable format")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--models_dir", run.models_dir, "more folders with cards, looked at first")
      ->type_name("DIR")
      ->take_all()
      ->default_str("")
      ->group(group);
  app.add_option("--detfile", run.detfile, "boxes from this COCO-style list instead of a detector")
      ->type_name("FILE")
      ->group(group);
}

void add_detector_options(CLI::App& app, ModelOptions& run, MachineOptions& machine) {
  const char* group = "Detector";
  app.add_option("--inp_dim", run.inp_dim,
                 "network input side, a multiple of 32 (0: the card's; YOLOv3: 608)")
      ->group(group);
  app.add_option("--conf", run.conf, "score threshold (-1: the card's; YOLOv3: 0.05)")->group(group);
  app.add_option("--nms", run.nms, "overlap threshold (-1: the card's; YOLOv3: 0.6)")->group(group);
  app.add_option("--detbatch", machine.detbatch, "photos per detector run")->group(group);
  app.add_option("--det_rules", run.det_rules, "alphapose or darknet (default: the card's)")->group(group);
  app.add_option("--person_class", run.person_class,
                 "number of the class 'person' (-1: found from the classes)")
      ->group(group);
}

void add_pose_options(CLI::App& app, ModelOptions& run, MachineOptions& machine) {
  const char* group = "Pose";
  app.add_option("--posebatch", machine.posebatch, "people per network run, at most")->group(group);
  app.add_option("--flip", run.flip, "flip test: off, on (AlphaPose), shift (HRNet)")->group(group);
  app.add_option("--decoder", run.decoder, "alphapose, quarter-shift, argmax, dark (default: the card's)")
      ->group(group);
  app.add_flag("--matching", run.matching, "AlphaPose's multi-peak matching instead of pose NMS")
      ->group(group);
  app.add_option("--pose_nms", run.pose_nms, "parametric, oks, soft-oks, none (default: the card's)")
      ->group(group);
}

void add_suppress_options(CLI::App& app, SuppressOptions& s) {
  const char* group = "Pose NMS thresholds";
  app.add_option_function<std::string>(
         "--pose_nms_scale",
         [&s](const std::string& value) {
           if (value != "pixel" && value != "person")
             throw Error::usage("--pose_nms_scale takes pixel or person, not '" + value + "'");
           s.scale_by_person = value == "person";
         },
         "parametric caps in pixels, as AlphaPose, or relative to the person")
      ->default_str("pixel")
      ->group(group);
  app.add_option("--pose_nms_delta1", s.delta1)->group(group);
  app.add_option("--pose_nms_delta2", s.delta2)->group(group);
  app.add_option("--pose_nms_mu", s.mu)->group(group);
  app.add_option("--pose_nms_gamma", s.gamma, "similarity that makes two poses one person")->group(group);
  app.add_option("--pose_nms_score", s.score_threshold, "drop people whose best joint is below")
      ->group(group);
  app.add_option("--pose_nms_matches", s.match_threshold, "joints that must coincide")->group(group);
  app.add_option("--pose_nms_area", s.area_threshold)->group(group);
  app.add_option("--pose_nms_alpha", s.alpha, "reference distance per longer box side")->group(group);
  app.add_option("--pose_nms_match_cap", s.match_cap, "its upper limit when matching, pixels")->group(group);
  app.add_option("--pose_nms_merge_cap", s.merge_cap, "its upper limit when merging, pixels")->group(group);
  app.add_option("--oks_threshold", s.oks_threshold)->group(group);
  app.add_option("--in_vis_threshold", s.in_vis_threshold, "joints at or below do not count in the score")
      ->group(group);
  app.add_option("--soft_max_people", s.soft_max_people, "people that soft-oks keeps")->group(group);
}

void add_machine_options(CLI::App& app, CommandLine& line) {
  const char* group = "Machine and messages";
  app.add_option("--device", line.run.machine.device, "cpu, cuda, cuda:N")->group(group);
  app.add_option("--threads", line.run.machine.threads, "CPU threads (0: all usable cores)")->group(group);
  app.add_flag("--profile", line.profile, "print seconds per stage at the end")->group(group);
  app.add_flag("-q,--quiet", line.quiet, "errors only")->group(group);
  app.add_flag("-v,--verbose", line.verbose, "a line per photo, and details")->group(group);
}

void add_commands(CLI::App& app, CommandLine& line) {
  CLI::App* finish =
      app.add_subcommand("finish", "make result files from the journal of a run that was broken off");
  finish->add_option("OUTDIR", line.file, "the run's output folder")->required();
  finish->callback([&line] { line.command = Command::kFinish; });

  CLI::App* inspect = app.add_subcommand("inspect", "show what is in a weight file, cfg or model card");
  inspect->add_option("FILE", line.file, "any weight file, .cfg, card name or path")->required();
  inspect->add_flag("--json", line.json, "as JSON");

  CLI::App* convert = app.add_subcommand("convert", "write any readable weight file as .safetensors");
  convert->add_option("FILE", line.file)->required();
  convert->add_option("OUT", line.output)->required();
  convert->add_flag("--half", line.half, "store floating point tensors as 16 bit");

  CLI::App* models = app.add_subcommand("models", "list the model cards; verify or get their weights");
  models->add_flag("--verify", line.verify, "check sizes and sha256 of the weights that are there");
  models->add_option("--models_dir", line.run.models.models_dir, "more folders with cards")
      ->take_all()
      ->default_str("");
  CLI::App* get = models->add_subcommand("get", "fetch the weights of a card");
  get->add_option("NAME", line.model)->required();
  get->add_option("--from", line.from, "this URL or file instead of the card's sources");
  get->callback([&line] { line.command = Command::kModelsGet; });
  inspect->callback([&line] { line.command = Command::kInspect; });
  convert->callback([&line] { line.command = Command::kConvert; });
  models->callback([&line] {
    if (line.command != Command::kModelsGet) line.command = Command::kModels;
  });
  app.require_subcommand(0, 1);
}

void require(bool good, const std::string& message) {
  if (!good) throw Error::usage(message);
}

void check_values(const RunOptions& run) {
  require(
      run.models.inp_dim == 0 ||
          (run.models.inp_dim > 32 && run.models.inp_dim % 32 == 0 && run.models.inp_dim <= 4096),
      "--inp_dim must be a multiple of 32 between 64 and 4096, not " + std::to_string(run.models.inp_dim));
  require(run.models.conf == -1 || (run.models.conf >= 0 && run.models.conf <= 1),
          "--conf must lie between 0 and 1");
  require(run.models.nms == -1 || (run.models.nms >= 0 && run.models.nms <= 1),
          "--nms must lie between 0 and 1");
  require(run.machine.detbatch >= 1 && run.machine.detbatch <= 1024,
          "--detbatch must be a number from 1 to 1024");
  require(run.machine.posebatch >= 1 && run.machine.posebatch <= 4096,
          "--posebatch must be a number from 1 to 4096");
  require(run.machine.threads >= 0 && run.machine.threads <= 1024,
          "--threads must be a number from 0 to 1024");
  require(run.source.max_pixels >= 1, "--max_pixels must be at least 1");
  require(run.models.suppress.soft_max_people >= 1, "--soft_max_people must be at least 1");
  require(!run.output.outdir.empty(), "--outdir must name a folder");
}

std::vector<std::pair<std::string, std::string>> settings_of(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;  // the photos themselves
    const std::string& name = option->get_lnames().front();
    if (name == "help" || name == "version") continue;
    std::string value = option->get_default_str();
    if (option->get_expected_max() == 0)
      value = option->count() > 0 ? "true" : "false";
    else if (option->count() > 0)
      value = CLI::detail::join(option->results(), " ");
    settings.emplace_back(name, value);
  }
  return settings;
}

}  // namespace

ParseResult parse_command_line(int argc, const char* const* argv) {
  ParseResult result;
  CommandLine& line = result.line;
  CLI::App app("pose: photos in, human poses out.", "pose");
  app.option_defaults()->always_capture_default()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.set_version_flag("--version", std::string("pose ") + kVersion);
  app.footer(kFooter);
  add_input_options(app, line.run.source);
  add_output_options(app, line.run.output);
  add_model_options(app, line.run.models);
  add_detector_options(app, line.run.models, line.run.machine);
  add_pose_options(app, line.run.models, line.run.machine);
  add_suppress_options(app, line.run.models.suppress);
  add_machine_options(app, line);
  add_commands(app, line);
  try {
    app.parse(reversed_arguments(argc, argv));
  } catch (const CLI::ParseError& e) {
    result.done = true;
    result.exit_code = e.get_exit_code() == 0 ? kExitOk : kExitUsage;
    if (e.get_exit_code() == 0)
      app.exit(e, std::cout, std::cerr);
    else
      std::cerr << "pose: " << e.what() << "\nTry 'pose --help'.\n";
    return result;
  }
  check_values(line.run);
  line.settings = settings_of(app);
  return result;
}

}  // namespace pose
