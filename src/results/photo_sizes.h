#pragma once

#include <string>

#include "pose/results.h"

namespace pose {

/// Finds the photos of `results` in `folder` and below, by their names, also without ending or folders: gives
/// them the names that the files have, and sizes where there are none. Photos that are not there, or cannot
/// be read, stay as they are. Throws `kNotFound`, `kIo`.
void find_photos(Results& results, const std::string& folder);

/// Sizes, and photos with nobody on them, of the report that a run leaves beside its results, if it did.
void add_report(Results& results, const std::string& report);

/// Brings shares of the photos' sides to pixels. Throws `kFormat` where a size is not known.
void shares_to_pixels(Results& results, const std::string& path);

}  // namespace pose
