#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pose {

enum class ModelRole { kDetector, kPose };

/// What a network wants to see: `(value * scale - mean) / std` per channel, in `order`.
struct InputSpec {
  int width = 0, height = 0;            ///< pixels of the network input
  bool rgb = true;                      ///< channel order; false: BGR
  double scale = 1.0 / 255;             ///< factor on 0..255
  std::array<double, 3> mean{0, 0, 0};  ///< in the channel order above
  std::array<double, 3> std{1, 1, 1};
};

/// One packaging of a card's weights: a file that can be had somewhere, or a sentence that says where.
struct WeightSource {
  std::string place;        ///< a URL (http, https, file), or words for people
  std::int64_t bytes = -1;  ///< of the file; -1: unknown
  std::string sha256;       ///< the first digits of it, lower-case hex, 8 to 64 of them; "": unknown
  std::string license;
  std::string note;  ///< who packed it, and what is other than in the first source

  bool is_url() const {
    return place.find("://") != std::string::npos && place.find(' ') == std::string::npos;
  }
};

/// What was published, or measured by us, of a network.
struct Accuracy {
  std::string metric;  ///< "AP", "mAP50", "PCKh", "recall"; "": unknown
  double value = 0;    ///< per cent
  std::string on;      ///< "COCO val2017, boxes of AP 56.4, flip test"
};

/// What a network costs, once per picture (detectors) or person. 0: unknown.
struct ModelCost {
  double million_parameters = 0;
  double gmacs = 0;         ///< thousand million multiply-adds of convolutions
  double milliseconds = 0;  ///< our own engine, batch 1, two cores of an AMD EPYC with AVX2
};

/// Everything about a model that is not in its weight file, read from `models/NAME.json`, so that no
/// constant of a model lives in code. Paths are absolute after loading (relative to the card in the file).
struct ModelCard {
  std::string name;
  ModelRole role = ModelRole::kPose;
  std::string path;          ///< of the card itself; "" when made in code
  std::string architecture;  ///< row of the table of architectures: "darknet", "hrnet", "fastpose",
                             ///< "pose-resnet", "torchscript"
  /// Arguments of the architecture, numbers only ("width": 32, "depth": 50, "joints": 17); see
  /// `architectures.h`.
  std::map<std::string, std::vector<std::int64_t>> params;
  std::string variant;  ///< of the architecture, "" for the usual one ("v2", "v2p" for hrnet)

  InputSpec input;

  // pose models
  int output_channels = 0;  ///< maps the network has (FastPose 33)
  int output_used = 0;      ///< the first so many are the skeleton's joints (FastPose 17)
  int heatmap_width = 0, heatmap_height = 0;
  std::string skeleton;  ///< "coco17", "mpii16"
  std::string crop;      ///< row of the table of crops: "alphapose", "affine"
  std::string decoder;   ///< row of the table of decoders: "alphapose", "quarter-shift", "argmax", "dark"
  std::string pose_nms;  ///< row of the table of suppressors used unless the user says otherwise
  std::string flip =
      "on";  ///< how a flip test of this family averages: "on" (plainly) or "shift" (one pixel)

  // detectors
  std::string config;     ///< path of the Darknet cfg
  std::string names;      ///< path of the class names, one a line; "" if the classes are COCO's, VOC's or one
  std::string det_rules;  ///< row of the table of detector rules: "alphapose", "darknet"
  int person_class = -1;  ///< -1: found from the class count (1 -> 0, 20 -> 14, 80 -> 0)
  double conf = -1, nms = -1;  ///< thresholds that suit this detector; negative: the rules' own

  // weights
  std::string weights;              ///< path of the weight file; may not exist (`missing_weights_message`)
  std::int64_t weights_bytes = -1;  ///< of the first packaging; -1: unknown
  std::string weights_sha256;       ///< lower-case hex, "" if unknown
  /// Where to get the weights, best first. What a source says of neither size nor hash is the card's.
  std::vector<WeightSource> sources;
  std::string license;  ///< of the weights
  Accuracy accuracy;
  ModelCost cost;
  std::string description;  ///< one honest sentence
  std::string provenance;   ///< how the weights were made, data, measured accuracy; "" if foreign
};

/// Where cards are looked for by name: `extra` first (command line), then $POSE_MODELS (colon-separated),
/// then the user's (`user_models_folder`), then the installed ones beside this library
/// (../share/pose/models), then `models` of the source tree. Existing folders only.
std::vector<std::string> model_folders(const std::vector<std::string>& extra = {});

/// "$XDG_DATA_HOME/pose/models", by default in "$HOME/.local/share"; "" if the environment has neither. May
/// not exist.
std::string user_models_folder();

/// Loads a card by name (searched in `folders`) or by path (anything with a '/' or ending in ".json").
/// Unknown keys, missing keys and wrong types are `kFormat` with the JSON path; an unknown name is
/// `kUsage` with the nearest known name. Weights that are not beside the card are taken from the user's
/// folder, and belong there if the card's folder cannot be written.
ModelCard load_model_card(const std::string& name_or_path, const std::vector<std::string>& folders);

/// What a card must satisfy as a whole, as far as it can be said without its network: sides and thresholds in
/// range, a known skeleton with as many joints as maps are used, nothing missing. For cards that were made or
/// changed in code; those that are read have passed. Throws `kFormat` naming file and member.
void check_card(const ModelCard& card);

/// The card that `json` (the text of the file `path`) describes. Throws `kFormat` with the place in the JSON.
ModelCard parse_model_card(std::string_view json, const std::string& path);

/// All cards in `folders`, sorted by role and name; a broken card is skipped with a warning in the log.
std::vector<ModelCard> list_model_cards(const std::vector<std::string>& folders);

/// "" if the weight file of the card is there; otherwise a message for people: which file is missing, its
/// size, where to get it and where to put it.
std::string missing_weights_message(const ModelCard& card);

}  // namespace pose
