#include "estimator/fitting_cards.h"

#include "graph/architectures.h"
#include "graph/binding.h"
#include "pose/error.h"
#include "pose/log.h"

namespace pose {
namespace {

/// A card of which less is there is no help.
constexpr double kWorthNaming = 0.5;

}  // namespace

FittingCards find_fitting_cards(const TensorFile& weights, const std::vector<ModelCard>& cards) {
  FittingCards result;
  double best = kWorthNaming;
  for (const ModelCard& card : cards) {
    if (card.role != ModelRole::kPose || card.architecture == kTorchScript) continue;
    try {
      const WeightFit fit = compare_weights(build_pose_graph(card), weights);
      if (fit.complete()) result.names.push_back(card.name);
      const double all = static_cast<double>(fit.fitting + fit.missing.size() + fit.misshaped.size());
      // What is too much counts against a card as well: of two that are all there, the fuller one is meant.
      const double share = static_cast<double>(fit.fitting) / (all + static_cast<double>(fit.extra.size()));
      if (share <= best) continue;
      best = share;
      result.nearest = card.name;
      result.nearest_share = static_cast<double>(fit.fitting) / all;
    } catch (const Error& e) {
      log_warning(e.what());
    }
  }
  return result;
}

}  // namespace pose
