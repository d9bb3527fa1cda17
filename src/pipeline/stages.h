#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/photo_job.h"

namespace pose {

/// Reads the photo at `job.result.path` and makes it ready for the detector. A photo that cannot be read gets
/// its error; nothing is thrown.
void read_photo(PhotoJob& job, const Detector& detector, std::int64_t max_pixels);

/// Finds people on all photos of `batch` that have no error, in one detector batch, and plans their crops.
void detect_people(std::vector<PhotoJob*> batch, Models& models, bool keep_trace);

/// Runs the pose network over the crops of all `jobs` together, at most `posebatch` people at a time.
void compute_heatmaps(const std::vector<PhotoJob*>& jobs, PoseModel& model, int posebatch);

/// Heatmaps to ranked people in `job.result`. Returns the people as decoded, before any were merged.
std::vector<Person> solve_poses(PhotoJob& job, const PoseModel& model);

}  // namespace pose
