#pragma once

#include <optional>
#include <vector>

#include "pose/error.h"
#include "pose/options.h"
#include "pose/source.h"

namespace pose {

/// Why something of a photo could not be written, as far as that can be known beforehand.
struct OutputFaults {
  std::optional<Error> results;  ///< a name that the form cannot hold
  /// Two names for one picture, a photo of the run in its place, a folder or file in the way, a name too long
  /// for the file system.
  std::optional<Error> picture;
};

/// One entry per photo. Throws `kUsage` for a form that does not exist.
std::vector<OutputFaults> output_faults(const std::vector<SourcePhoto>& photos, const OutputOptions& options);

}  // namespace pose
