#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pose/blob.h"
#include "pose/detection.h"
#include "pose/image.h"
#include "pose/network.h"
#include "pose/yolo_head.h"

namespace pose {

/// A photo made ready for a detector: the pixels `[3, h, w]` f32 and what is needed to get back.
struct DetectorInput {
  Blob pixels;       ///< empty for detectors that do not look at pixels
  Size photo;        ///< of the upright photo
  std::string name;  ///< as given in results; boxes-file looks boxes up by it
};

/// What every stage of a detector produced for one photo (`--dump_stages`).
struct DetectorTrace {
  std::vector<Detection> before_nms;  ///< network input pixels (alphapose) or photo pixels (darknet)
};

/// Finds people. `prepare` may be called from any thread; `detect` from one thread at a time.
class Detector {
 public:
  virtual ~Detector() = default;
  /// `bgr` is 8 bits, three channels. Throws `kUsage` for any other picture and an empty one.
  virtual DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const = 0;
  /// One list of people per input, best first. Never invents a person (`whole-image` apart).
  /// `traces` (if not null) gets one entry per input; nobody and nothing for an empty batch. Throws `kUsage`
  /// for inputs that this detector did not prepare, `kMismatch` for a network that gives other maps than its
  /// heads say or numbers that are not finite.
  virtual std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                                     std::vector<DetectorTrace>* traces) = 0;
};

struct DetectorOptions {
  std::string rules = "alphapose";  ///< row of the table of detector rules
  float conf = 0.05f;               ///< 0..1
  float nms = 0.6f;                 ///< 0..1
  int person_class = -1;  ///< -1: by name where `names` is given, else from the class count (1 -> 0, 20 ->
                          ///< 14, 80 -> 0); anything else is `kUsage`
  std::string names;      ///< file of class names, one a line, or "": the one called "person" is looked for
};

/// A YOLO detector over any engine. `input` = network input size in pixels.
/// Throws `kUsage` for anything out of its range, names that no table has and a person class that is not
/// there, `kUnsupported` for heads that cannot be used, `kNotFound` and `kMismatch` for the class names.
std::unique_ptr<Detector> make_yolo_detector(std::unique_ptr<Network> network, std::vector<YoloHead> heads,
                                             Size input, const DetectorOptions& options);

/// Boxes from a file instead of a network (`--detfile`): of any form of results that has boxes, or a journal
/// (src/detect/README.md, 7). Boxes with a score below `conf` (0..1) are left out, also those without an area
/// and those that lie outside of their photo, with a warning. Throws `kUsage`, `kNotFound`, `kFormat` (with
/// the place in the JSON).
std::unique_ptr<Detector> make_boxes_file_detector(const std::string& path, float conf);

/// The whole picture as one person of score 1.
std::unique_ptr<Detector> make_whole_image_detector();

}  // namespace pose
