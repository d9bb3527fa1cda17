#include "estimator/load_models.h"

#include <filesystem>

#include "base/lookup.h"
#include "estimator/fitting_cards.h"
#include "graph/architectures.h"
#include "pose/network_factory.h"
#include "weights/checkpoint.h"

namespace pose {
namespace {

constexpr const char* kWholeImage = "whole-image";

/// What the reference uses where neither card nor user say otherwise.
constexpr double kDefaultConf = 0.05;
constexpr double kDefaultNms = 0.6;

struct FlipName {
  std::string_view name;
  FlipTest value;
};
constexpr std::array<FlipName, 3> kFlips{
    {{"off", FlipTest::kOff}, {"on", FlipTest::kOn}, {"shift", FlipTest::kShift}}};

void require_weights(const ModelCard& card) {
  const std::string message = missing_weights_message(card);
  if (!message.empty()) throw Error::not_found(message);
}

ModelCard choose_detector(const ModelOptions& options, const std::vector<std::string>& folders) {
  ModelCard card;
  if (!options.det_cfg.empty()) {
    // A network of the user's own needs no card: the cfg says everything but the rules.
    card.name = std::filesystem::path(options.det_cfg).stem().string();
    card.role = ModelRole::kDetector;
    card.architecture = "darknet";
    card.config = options.det_cfg;
    card.det_rules = "alphapose";
    if (options.det_weights.empty())
      throw Error::usage("--det_cfg " + options.det_cfg +
                         " needs the weights that belong to it: --det_weights FILE");
  } else {
    card = load_model_card(options.detector, folders);
    if (card.role != ModelRole::kDetector)
      throw Error::usage("model card '" + card.name + "' is not a detector; give it as --pose_model");
  }
  if (!options.det_weights.empty()) card.weights = options.det_weights;
  if (!options.det_rules.empty()) card.det_rules = options.det_rules;
  if (options.person_class >= 0) card.person_class = options.person_class;
  if (options.conf >= 0) card.conf = options.conf;
  if (options.nms >= 0) card.nms = options.nms;
  require_weights(card);
  return card;
}

ModelCard choose_pose_model(const ModelOptions& options, const std::vector<std::string>& folders) {
  ModelCard card = load_model_card(options.pose_model, folders);
  if (card.role != ModelRole::kPose)
    throw Error::usage("model card '" + card.name + "' is not a pose model; give it as --detector");
  if (!options.pose_weights.empty()) card.weights = options.pose_weights;
  if (!options.decoder.empty()) card.decoder = options.decoder;
  if (!options.pose_nms.empty()) card.pose_nms = options.pose_nms;
  require_weights(card);
  return card;
}

EngineOptions engine_options(const MachineOptions& options) {
  EngineOptions engine;
  engine.device = options.device;
  engine.threads = options.threads;
  return engine;
}

std::unique_ptr<Detector> load_detector(const ModelCards& cards, const ModelOptions& options,
                                        const EngineOptions& engine) {
  if (!options.detfile.empty())
    return make_boxes_file_detector(options.detfile, static_cast<float>(options.conf < 0 ? 0 : options.conf));
  if (!cards.detector) return make_whole_image_detector();
  const ModelCard& card = *cards.detector;
  DarknetModel model = make_detector_network(card, options.inp_dim, engine);
  DetectorOptions detector;
  detector.rules = card.det_rules;
  detector.conf = static_cast<float>(card.conf < 0 ? kDefaultConf : card.conf);
  detector.nms = static_cast<float>(card.nms < 0 ? kDefaultNms : card.nms);
  detector.person_class = card.person_class;
  detector.names = card.names;
  return make_yolo_detector(std::move(model.network), std::move(model.heads), model.input, detector);
}

/// Weights that do not fit get one more line: the card that they seem to be for.
std::unique_ptr<Network> pose_network(const ModelCard& card, const ModelOptions& options,
                                      const EngineOptions& engine) {
  try {
    return make_pose_network(card, engine);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::kMismatch || card.architecture == kTorchScript) throw;
    const auto cards = list_model_cards(model_folders(options.models_dir));
    const FittingCards fitting = find_fitting_cards(canonical(open_tensor_file(card.weights)), cards);
    if (fitting.nearest.empty() || fitting.nearest == card.name) throw;
    throw Error(e.kind(), std::string(e.what()) + "\n  the nearest card is '" + fitting.nearest +
                              "' (--pose_model " + fitting.nearest + ")");
  }
}

PoseModel load_pose_model(const ModelCard& card, const ModelOptions& options, const EngineOptions& engine) {
  PoseModel model;
  model.input = card.input;
  model.joints = card.output_used;
  model.skeleton = &skeleton(card.skeleton);
  model.crop = &crop_method(card.crop);
  model.decoder = &decoder(card.decoder);
  model.suppressor = &suppressor(card.pose_nms);
  model.suppress = options.suppress;
  model.flip = lookup(kFlips, options.flip, "flip test").value;
  model.matching = options.matching;
  if (model.matching && (card.crop != "alphapose" || card.skeleton != "coco17"))
    throw Error::usage(
        "--matching is AlphaPose's method: it needs a model card with the alphapose crop and coco17 "
        "joints, and '" +
        card.name + "' has crop '" + card.crop + "' and joints '" + card.skeleton + "'");
  model.network = pose_network(card, options, engine);
  return model;
}

}  // namespace

ModelCards choose_models(const ModelOptions& options) {
  check_options(options);
  const std::vector<std::string> folders = model_folders(options.models_dir);
  ModelCards cards;
  if (options.detfile.empty() && options.detector != kWholeImage)
    cards.detector = choose_detector(options, folders);
  cards.pose = choose_pose_model(options, folders);
  return cards;
}

Models load_models(const ModelCards& cards, const ModelOptions& options, const MachineOptions& machine) {
  check_options(options);
  check_options(machine);
  const EngineOptions engine = engine_options(machine);
  Models models;
  models.pose = load_pose_model(cards.pose, options, engine);
  models.detector = load_detector(cards, options, engine);
  return models;
}

}  // namespace pose
