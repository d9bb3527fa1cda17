#include "estimator/usable_cards.h"

#include <array>
#include <string>

#include "base/lookup.h"
#include "cards/check_card.h"
#include "detect/check.h"
#include "detect/rules.h"
#include "graph/architectures.h"
#include "graph/darknet.h"

namespace pose {
namespace {

/// What the reference uses where neither card nor user say otherwise.
constexpr double kDefaultConf = 0.05;
constexpr double kDefaultNms = 0.6;

struct FlipName {
  std::string_view name;
  FlipTest value;
};
constexpr std::array<FlipName, 3> kFlips{
    {{"off", FlipTest::kOff}, {"on", FlipTest::kOn}, {"shift", FlipTest::kShift}}};

/// Looks a name of the card up: one that is not known is the card's fault.
template <typename LookUp>
void check_name(const ModelCard& card, const std::string& member, LookUp look_up) {
  try {
    look_up();
  } catch (const Error& e) {
    refuse_card(card, member + ": " + e.what());
  }
}

void check_pose_names(const ModelCard& card) {
  if (card.architecture != kTorchScript)
    check_name(card, "architecture", [&] { architecture(card.architecture); });
  check_name(card, "crop", [&] { crop_method(card.crop); });
  check_name(card, "decoder", [&] { decoder(card.decoder); });
  check_name(card, "pose_nms", [&] { suppressor(card.pose_nms); });
  check_name(card, "flip", [&] { flip_test(card.flip); });
}

void check_detector_names(const ModelCard& card) {
  if (card.architecture != kDarknetArchitecture)
    refuse_card(card, "architecture: a detector's must be '" + std::string(kDarknetArchitecture) +
                          "', not '" + card.architecture + "'");
  check_name(card, "det_rules", [&] {
    detector_rules(card.det_rules);
    darknet_style(card.det_rules);
  });
}

void check_detector_network(const ModelCard& card, int inp_dim) {
  const DarknetGraph darknet =
      build_darknet(read_darknet_cfg(card.config), inp_dim, darknet_style(card.det_rules));
  const Chw& input = darknet.graph.nodes.front().shape;
  check_yolo(darknet.heads, {static_cast<int>(input.w), static_cast<int>(input.h)}, detector_options(card));
}

}  // namespace

FlipTest flip_test(std::string_view name) { return lookup(kFlips, name, "flip test").value; }

DetectorOptions detector_options(const ModelCard& card) {
  DetectorOptions options;
  options.rules = card.det_rules;
  options.conf = static_cast<float>(card.conf < 0 ? kDefaultConf : card.conf);
  options.nms = static_cast<float>(card.nms < 0 ? kDefaultNms : card.nms);
  options.person_class = card.person_class;
  options.names = card.names;
  return options;
}

void check_card_names(const ModelCard& card) {
  check_card(card);
  card.role == ModelRole::kPose ? check_pose_names(card) : check_detector_names(card);
}

void check_card_network(const ModelCard& card, int inp_dim) {
  try {
    if (card.role == ModelRole::kDetector)
      check_detector_network(card, inp_dim);
    else if (card.architecture != kTorchScript)
      build_pose_graph(card);
  } catch (const Error& e) {
    if (card.path.empty()) throw;
    throw e.with_context(card.path);
  }
}

}  // namespace pose
