#include <algorithm>
#include <string>
#include <utility>

#include "base/finite.h"
#include "detect/check.h"
#include "detect/rules.h"
#include "pose/detect.h"
#include "pose/error.h"

namespace pose {
namespace {

/// A picture so thin that its letterbox has no pixel of it: there is nothing to find.
bool too_thin(Size photo, Size input) {
  const double s = std::min(static_cast<double>(input.width) / photo.width,
                            static_cast<double>(input.height) / photo.height);
  return static_cast<int>(photo.width * s) < 1 || static_cast<int>(photo.height * s) < 1;
}

class YoloDetector : public Detector {
 public:
  YoloDetector(std::unique_ptr<Network> network, std::vector<YoloHead> heads, Size input,
               const DetectorOptions& options)
      : network_(std::move(network)),
        heads_(std::move(heads)),
        input_(input),
        conf_(options.conf),
        nms_(options.nms),
        rules_(detector_rules(options.rules)),
        person_class_(check_yolo(heads_, input_, options)) {
    if (!network_) throw Error::usage("a YOLO detector needs a network");
  }

  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
    check_picture(bgr);
    DetectorInput in;
    in.photo = {bgr.cols, bgr.rows};
    in.name = name;
    if (!too_thin(in.photo, input_)) in.pixels = rules_.make_input(bgr, input_);
    return in;
  }

  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override {
    std::vector<std::vector<Detection>> found = candidates(batch);
    if (traces) {
      traces->clear();
      for (const auto& photo : found) traces->push_back({photo});
    }
    found = suppress_boxes(found, rules_, nms_);
    for (std::size_t i = 0; i < found.size(); ++i)
      for (Detection& d : found[i]) d.box = rules_.to_photo(d.box, input_, batch[i].photo);
    return found;
  }

 private:
  std::vector<std::vector<Detection>> candidates(const std::vector<DetectorInput>& batch) {
    std::vector<std::vector<Detection>> found(batch.size());
    std::vector<std::size_t> seen;  // photos that have pixels
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (!batch[i].pixels.empty()) seen.push_back(i);
    if (seen.empty()) return found;
    Blob pixels({static_cast<std::int64_t>(seen.size()), 3, input_.height, input_.width});
    for (std::size_t k = 0; k < seen.size(); ++k) {
      const DetectorInput& photo = batch[seen[k]];
      Blob item = pixels[static_cast<std::int64_t>(k)];
      if (photo.pixels.shape() != item.shape() || photo.photo.width < 1 || photo.photo.height < 1)
        throw Error::usage("this detector did not prepare the photo '" + photo.name + "'");
      std::copy_n(photo.pixels.data(), photo.pixels.elements(), item.data());
    }
    const std::vector<Blob> maps = network_->forward(pixels);
    check_maps(maps, static_cast<std::int64_t>(seen.size()));
    for (std::size_t k = 0; k < seen.size(); ++k) {
      std::vector<Blob> own;
      for (const Blob& map : maps) own.push_back(map[static_cast<std::int64_t>(k)]);
      found[seen[k]] = rules_.candidates(decode_yolo(own, heads_, input_, conf_),
                                         {input_, batch[seen[k]].photo, person_class_, conf_});
    }
    return found;
  }

  /// The rest of the shapes is checked where they are decoded.
  static void check_maps(const std::vector<Blob>& maps, std::int64_t photos) {
    for (const Blob& map : maps) {
      if (map.shape().size() != 4 || map.dim(0) != photos)
        throw Error::mismatch("the detector's network gives no maps for the photos of its batch");
      if (!all_finite(map.data(), map.elements()))
        throw Error::mismatch(
            "the detector's network gave numbers that are not finite; do its weights and cfg belong "
            "together, "
            "and does the device compute in full precision?");
    }
  }

  std::unique_ptr<Network> network_;
  std::vector<YoloHead> heads_;
  Size input_;
  float conf_, nms_;
  const DetectorRules& rules_;
  int person_class_;
};

}  // namespace

std::unique_ptr<Detector> make_yolo_detector(std::unique_ptr<Network> network, std::vector<YoloHead> heads,
                                             Size input, const DetectorOptions& options) {
  return std::make_unique<YoloDetector>(std::move(network), std::move(heads), input, options);
}

}  // namespace pose
