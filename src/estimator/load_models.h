#pragma once

#include <optional>

#include "pose/model_card.h"
#include "pose/options.h"
#include "pose/pipeline.h"

namespace pose {

/// The cards that a run uses, with the overrides of the options put in.
struct ModelCards {
  std::optional<ModelCard> detector;  ///< none: boxes from a file or the whole image
  ModelCard pose;
};

/// Finds both cards and checks that every weight file is there, so that nothing starts that cannot finish.
/// Throws `kUsage`, `kFormat`, `kNotFound` (with what is missing and where to get it).
ModelCards choose_models(const ModelOptions& options);

/// Builds both networks and the stages around them. Throws as `choose_models`, and `kMismatch`.
Models load_models(const ModelCards& cards, const ModelOptions& options, const MachineOptions& machine);

}  // namespace pose
