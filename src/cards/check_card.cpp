#include "cards/check_card.h"

#include <cmath>

#include "pose/error.h"
#include "pose/skeleton.h"

namespace pose {
namespace {

constexpr int kGreatestSide = 8192, kMostChannels = 1000;
constexpr double kLeastScale = 1e-9, kGreatestScale = 1e9;
constexpr std::size_t kHashDigits = 64, kFewestHashDigits = 8;

void require(const ModelCard& card, bool good, const std::string& what) {
  if (!good) refuse_card(card, what);
}

void require_range(const ModelCard& card, const std::string& member, int value, int low, int high) {
  require(card, value >= low && value <= high,
          member + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
              ", not " + std::to_string(value));
}

void check_input(const ModelCard& card) {
  const InputSpec& input = card.input;
  require_range(card, "input.width", input.width, 1, kGreatestSide);
  require_range(card, "input.height", input.height, 1, kGreatestSide);
  require(card, input.scale >= kLeastScale && input.scale <= kGreatestScale,
          "input.scale must be a number from 1e-9 to 1e9");
  for (const double mean : input.mean) require(card, std::isfinite(mean), "input.mean must be numbers");
  for (const double std : input.std)
    require(card, std > 0 && std::isfinite(std), "input.std must be greater than 0");
}

const Skeleton& skeleton_of(const ModelCard& card) {
  try {
    return skeleton(card.skeleton);
  } catch (const Error& e) {
    refuse_card(card, e.what());
  }
}

void check_output(const ModelCard& card) {
  require_range(card, "output.channels", card.output_channels, 1, kMostChannels);
  require_range(card, "output.used", card.output_used, 1, card.output_channels);
  require_range(card, "output.width", card.heatmap_width, 1, kGreatestSide);
  require_range(card, "output.height", card.heatmap_height, 1, kGreatestSide);
  const auto joints = static_cast<int>(skeleton_of(card).joints.size());
  require(card, card.output_used == joints,
          "output.used is " + std::to_string(card.output_used) + ", but the skeleton '" + card.skeleton +
              "' has " + std::to_string(joints) + " joints");
}

void check_thresholds(const ModelCard& card) {
  require(card, card.conf <= 1, "conf must lie between 0 and 1");
  require(card, card.nms <= 1, "nms must lie between 0 and 1");
  require(card, card.person_class >= -1, "person_class must not be negative");
}

bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void check_weights(const ModelCard& card) {
  require(card, !card.weights.empty(), "weights.file is missing");
  require(card,
          card.weights_sha256.empty() ||
              (is_hex(card.weights_sha256) && card.weights_sha256.size() == kHashDigits),
          "weights.sha256 must be 64 lower-case hexadecimal digits");
  for (const WeightSource& source : card.sources) {
    require(card, !source.place.empty(), "weights.sources names an empty place");
    const std::size_t digits = source.sha256.size();
    require(card,
            digits == 0 || (is_hex(source.sha256) && digits >= kFewestHashDigits && digits <= kHashDigits),
            "weights.sources: a sha256 must be its first 8 to all 64 lower-case hexadecimal digits");
  }
}

void check_figures(const ModelCard& card) {
  const Accuracy& accuracy = card.accuracy;
  require(card, accuracy.value >= 0 && accuracy.value <= 100, "accuracy.value must lie between 0 and 100");
}

}  // namespace

void refuse_card(const ModelCard& card, const std::string& what) {
  throw Error::format((card.path.empty() ? "model card '" + card.name + "'" : card.path) + ": " + what);
}

void check_card(const ModelCard& card) {
  require(card, !card.architecture.empty(), "architecture is missing");
  if (card.role == ModelRole::kPose) {
    check_input(card);
    check_output(card);
    require(card, !card.crop.empty(), "crop is missing");
    require(card, !card.decoder.empty(), "decoder is missing");
    require(card, !card.pose_nms.empty(), "pose_nms is missing");
  } else {
    require(card, !card.config.empty(), "config is missing");
    require(card, !card.det_rules.empty(), "det_rules is missing");
    check_thresholds(card);
  }
  check_weights(card);
  check_figures(card);
}

}  // namespace pose
