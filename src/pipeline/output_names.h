#pragma once

#include <optional>
#include <vector>

#include "pose/error.h"
#include "pose/options.h"
#include "pose/source.h"

namespace pose {

/// Per photo why its results could not be written, as far as that can be known beforehand: a name that the
/// form cannot hold, two names for one picture, a folder or file in the way, a name too long for the file
/// system.
std::vector<std::optional<Error>> output_faults(const std::vector<SourcePhoto>& photos,
                                                const OutputOptions& options);

}  // namespace pose
