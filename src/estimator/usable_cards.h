#pragma once

#include <string_view>

#include "pose/detect.h"
#include "pose/model_card.h"
#include "pose/pipeline.h"

namespace pose {

/// Throws `kUsage` with the nearest name.
FlipTest flip_test(std::string_view name);

/// What a detector is made with: the card's numbers, the reference's where the card has none.
DetectorOptions detector_options(const ModelCard& card);

/// Throws `kFormat` with the card's file unless it is sound (`check_card`) and every name in it is a row of
/// its table.
void check_card_names(const ModelCard& card);

/// Builds the network of a card without its weights and throws, with the card's file, unless it makes what
/// the card says: heatmaps, or boxes of classes among which is a person. `inp_dim` as in `ModelOptions`. A
/// TorchScript program is known only when it is loaded.
void check_card_network(const ModelCard& card, int inp_dim);

}  // namespace pose
