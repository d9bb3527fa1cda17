#include "estimator/load_models.h"

#include <filesystem>

#include "detect/rules.h"
#include "estimator/fitting_cards.h"
#include "estimator/usable_cards.h"
#include "graph/architectures.h"
#include "pose/log.h"
#include "pose/network_factory.h"
#include "weights/checkpoint.h"

namespace pose {
namespace {

constexpr const char* kWholeImage = "whole-image";

void require_weights(const ModelCard& card) {
  const std::string message = missing_weights_message(card);
  if (!message.empty()) throw Error::not_found(message);
}

/// Says which of the options that are given have no effect.
void warn_ignored(const std::string& because, const std::vector<std::pair<bool, const char*>>& given) {
  std::string names;
  for (const auto& [is_given, name] : given)
    if (is_given) names += (names.empty() ? "" : ", ") + std::string(name);
  if (!names.empty()) log_warning(because + ": " + names + " has no effect");
}

/// Refuses two detectors, and files of a network that would not be run.
void check_detector_options(const ModelOptions& options) {
  if (!options.det_cfg.empty() && options.detector != ModelOptions().detector)
    throw Error::usage("--detector " + options.detector + " and --det_cfg " + options.det_cfg +
                       " are two detectors; give one of them");
  const bool from_file = !options.detfile.empty(), whole_image = options.detector == kWholeImage;
  if (!from_file && !whole_image) return;
  const std::string instead = from_file ? "--detfile " + options.detfile : "--detector " + options.detector;
  if (!options.det_cfg.empty() || !options.det_weights.empty())
    throw Error::usage(instead + " runs no network: leave out --det_cfg and --det_weights, or " +
                       (from_file ? "--detfile" : "name another detector"));
  warn_ignored(instead + " runs no network", {{!options.det_rules.empty(), "--det_rules"},
                                              {options.person_class >= 0, "--person_class"},
                                              {options.inp_dim != 0, "--inp_dim"},
                                              {options.conf >= 0 && !from_file, "--conf"},
                                              {options.nms >= 0, "--nms"}});
}

void check_matching(const ModelCard& card, const ModelOptions& options) {
  if (!options.matching) return;
  if (card.crop != "alphapose" || card.skeleton != "coco17")
    throw Error::usage(
        "--matching is AlphaPose's method: it needs a model card with the alphapose crop and coco17 "
        "joints, and '" +
        card.name + "' has crop '" + card.crop + "' and joints '" + card.skeleton + "'");
}

ModelCard choose_detector(const ModelOptions& options, const std::vector<std::string>& folders) {
  ModelCard card;
  if (!options.det_cfg.empty()) {
    // A network of the user's own needs no card: the cfg says everything but the rules.
    card.name = std::filesystem::path(options.det_cfg).stem().string();
    card.role = ModelRole::kDetector;
    card.architecture = kDarknetArchitecture;
    card.config = options.det_cfg;
    card.det_rules = "alphapose";
    if (options.det_weights.empty())
      throw Error::usage("--det_cfg " + options.det_cfg +
                         " needs the weights that belong to it: --det_weights FILE");
  } else {
    card = load_model_card(options.detector, folders);
    if (card.role != ModelRole::kDetector)
      throw Error::usage("model card '" + card.name + "' is not a detector; give it as --pose_model");
    check_card_names(card);
  }
  if (!options.det_weights.empty()) card.weights = options.det_weights;
  if (!options.det_rules.empty()) card.det_rules = detector_rules(options.det_rules).name;
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
  check_card_names(card);
  if (!options.pose_weights.empty()) card.weights = options.pose_weights;
  if (!options.decoder.empty()) card.decoder = decoder(options.decoder).name;
  if (!options.pose_nms.empty()) card.pose_nms = suppressor(options.pose_nms).name;
  if (options.matching)
    warn_ignored("--matching decides itself which joints are whose",
                 {{!options.decoder.empty(), "--decoder"}, {!options.pose_nms.empty(), "--pose_nms"}});
  require_weights(card);
  return card;
}

EngineOptions engine_options(const MachineOptions& options) {
  EngineOptions engine;
  engine.engine = options.engine;
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
  return make_yolo_detector(std::move(model.network), std::move(model.heads), model.input,
                            detector_options(card));
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
  model.flip = flip_test(options.flip);
  model.matching = options.matching;
  model.network = pose_network(card, options, engine);
  return model;
}

/// Everything that can be known before a network is loaded, which takes seconds.
void check_models(const ModelCards& cards, const ModelOptions& options) {
  flip_test(options.flip);
  check_suppress_options(options.suppress);
  if (cards.pose) check_matching(*cards.pose, options);
  for (const std::optional<ModelCard>* card : {&cards.pose, &cards.detector}) {
    if (!*card) continue;
    check_card_names(**card);
    check_card_network(**card, options.inp_dim);
  }
}

}  // namespace

ModelCards choose_models(const ModelOptions& options) {
  check_options(options);
  check_detector_options(options);
  const std::vector<std::string> folders = model_folders(options.models_dir);
  ModelCards cards;
  if (options.detfile.empty() && options.detector != kWholeImage)
    cards.detector = choose_detector(options, folders);
  if (options.boxes_only)
    warn_ignored("--boxes_only runs no pose network", {{!options.pose_weights.empty(), "--pose_weights"},
                                                       {!options.decoder.empty(), "--decoder"},
                                                       {!options.pose_nms.empty(), "--pose_nms"},
                                                       {options.matching, "--matching"},
                                                       {options.flip != "off", "--flip"}});
  else
    cards.pose = choose_pose_model(options, folders);
  check_models(cards, options);
  return cards;
}

Models load_models(const ModelCards& cards, const ModelOptions& options, const MachineOptions& machine) {
  check_options(options);
  check_options(machine);
  check_models(cards, options);
  const EngineOptions engine = engine_options(machine);
  Models models;
  if (cards.pose) models.pose = load_pose_model(*cards.pose, options, engine);
  models.detector = load_detector(cards, options, engine);
  return models;
}

}  // namespace pose
