#pragma once

#include <string>
#include <vector>

#include "pose/options.h"

namespace pose {

/// A photo of a run.
struct SourcePhoto {
  std::string path;  ///< where it is read from
  /// What it is called in results: relative, '/'-separated, inside the output folder, unique in the run.
  std::string name;
};

/// The photos of a run in a natural order (img2 before img10) within each folder, otherwise as given.
///
/// From a folder come the files that are pictures by content or by the ending of their name (so that a broken
/// photo is reported), not hidden ones, not pictures without any ending; of sub-folders only if `recursive`.
/// A file that is named directly is always taken; if it is missing, that shows when it is read. Two photos
/// that would have the same name get "_2", "_3" before the ending. Throws `kUsage` for options out of range
/// and if nothing was named or found, `kNotFound` and `kIo` for folders and lists.
std::vector<SourcePhoto> collect_photos(const SourceOptions& options);

/// Where the annotated picture of a photo goes, relative to `vis/`: its name, with ".jpg" put behind it if
/// its ending is none that pictures can be written with.
std::string vis_name(const std::string& name);

/// Text order in which runs of digits count as numbers; equal texts by bytes.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace pose
