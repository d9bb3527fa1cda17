#pragma once

#include <string>
#include <vector>

#include "pose/model_card.h"
#include "pose/tensor_file.h"

namespace pose {

/// Which cards a weight file is for.
struct FittingCards {
  std::vector<std::string> names;  ///< cards that it fits exactly
  std::string nearest;             ///< the card that most of its tensors fit, "" if hardly any does
  double nearest_share = 0;        ///< of that card's tensors that are there
};

/// Compares the tensors (under the names that networks give them) with the network of every pose card in
/// `cards`.
FittingCards find_fitting_cards(const TensorFile& weights, const std::vector<ModelCard>& cards);

}  // namespace pose
