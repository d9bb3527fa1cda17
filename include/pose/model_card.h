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
  std::string weights;               ///< path of the weight file; may not exist (`missing_weights_message`)
  std::int64_t weights_bytes = -1;   ///< -1: unknown
  std::string weights_sha256;        ///< lower-case hex, "" if unknown
  std::vector<std::string> sources;  ///< where to get the weights, best first: URLs or sentences
  std::string license;               ///< of the weights
  std::string description;           ///< one honest sentence
  std::string provenance;            ///< how the weights were made, data, measured accuracy; "" if foreign
};

/// Where cards are looked for by name: `extra` first (command line), then $POSE_MODELS (colon-separated),
/// then the installed ones beside this library (../share/pose/models), then `models` of the source tree.
/// Existing folders only.
std::vector<std::string> model_folders(const std::vector<std::string>& extra = {});

/// Loads a card by name (searched in `folders`) or by path (anything with a '/' or ending in ".json").
/// Unknown keys, missing keys and wrong types are `kFormat` with the JSON path; an unknown name is
/// `kUsage` with the nearest known name.
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
