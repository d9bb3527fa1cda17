#pragma once

#include <string>

#include "pose/file_stamp.h"
#include "pose/results.h"

namespace pose {

/// What a run calls the file of its people.
constexpr const char* kResultsName = "alphapose-results.json";

/// The bytes of one file of results, as they are on the disk. `path` is the name for messages. Photos may
/// have no name; what `read_results` checks of the whole is not checked. Throws `kFormat`, `kUnsupported`.
Results parse_results(FileBytes file, const std::string& path);

}  // namespace pose
