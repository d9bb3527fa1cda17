#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pose/pipeline.h"

namespace pose {

// One photo's way: photo -> detected -> cropped -> with heatmaps -> solved. Each is the one before and what
// the next stage adds; each stage is one function that leaves its argument as it was, so that a batch that
// failed can be run again in parts. Pictures and blobs are shared, not copied.

/// A photo that was read and made ready for the detector.
struct Photo {
  cv::Mat image;
  FileStamp file;
  std::string warning;
  DetectorInput detector_input;
  StageSeconds seconds{};
};

struct DetectedPhoto : Photo {
  std::vector<Detection> boxes;
  DetectorTrace trace;  ///< filled only when stages are dumped
};

struct CroppedPhoto : DetectedPhoto {
  std::vector<Crop> crops;  ///< per box
};

struct HeatmapPhoto : CroppedPhoto {
  std::vector<Blob> heatmaps;  ///< per box, `[channels, h, w]`, flip test included
};

struct SolvedPhoto : HeatmapPhoto {
  std::vector<Person> decoded;  ///< per box, before pose NMS
  std::vector<Person> people;   ///< ranked, after it
};

/// Throws what reading throws.
Photo load_photo(const SourcePhoto& from, const Detector& detector, std::int64_t max_pixels);

/// A picture that is there already.
Photo photo_of(const cv::Mat& bgr, const Detector& detector, const std::string& name);

/// Finds people on all photos in one detector batch.
std::vector<DetectedPhoto> detect_people(const std::vector<Photo>& batch, Detector& detector,
                                         bool keep_trace);

CroppedPhoto plan_crops(const DetectedPhoto& photo, const PoseModel& model);

/// Runs the pose network over the people of all photos together, at most `posebatch` at a time.
/// Throws `NetworkError` where the network is at fault.
std::vector<HeatmapPhoto> compute_heatmaps(const std::vector<CroppedPhoto>& photos, PoseModel& model,
                                           int posebatch);

SolvedPhoto solve_poses(const HeatmapPhoto& photo, const PoseModel& model);

/// A network failed, not the photo: if it does so again and again there is no use in going on.
class NetworkError : public Error {
 public:
  explicit NetworkError(const Error& error) : Error(error) {}
};

}  // namespace pose
