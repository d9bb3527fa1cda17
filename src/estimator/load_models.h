#pragma once

#include <optional>

#include "pose/model_card.h"
#include "pose/options.h"
#include "pose/pipeline.h"

namespace pose {

/// The cards that a run uses, with the overrides of the options put in.
struct ModelCards {
  std::optional<ModelCard> detector;  ///< none: boxes from a file or the whole image
  std::optional<ModelCard> pose;      ///< none: boxes only
};

/// Finds both cards and checks all that can be known before a network is loaded: every weight file is there,
/// every name known, options fit together and networks make what their cards say. Options that have no effect
/// are named in the log. Throws `kUsage`, `kFormat`, `kMismatch`, `kNotFound` (with what is missing and where
/// to get it).
ModelCards choose_models(const ModelOptions& options);

/// Builds both networks and the stages around them; checks the cards again, which may have been changed.
/// Throws as `choose_models`.
Models load_models(const ModelCards& cards, const ModelOptions& options, const MachineOptions& machine);

}  // namespace pose
