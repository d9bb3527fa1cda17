#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>
#include <utility>

#include "base/read_file.h"
#include "detect/rules.h"
#include "pose/detect.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr int kMaxNames = 100'000;

std::string trimmed_lower(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

int person_by_name(const std::string& path, int classes) {
  std::istringstream in{std::string(text_of(read_file(path, kLargestTextFile)))};
  int count = 0, person = -1;
  for (std::string line; count < kMaxNames && std::getline(in, line);) {
    line = trimmed_lower(line);
    if (line.empty()) continue;
    if (line == "person" && person < 0) person = count;
    ++count;
  }
  if (count != classes)
    throw Error::mismatch(path + " names " + std::to_string(count) + " classes, but the detector has " +
                          std::to_string(classes));
  if (person < 0)
    throw Error::usage("no class of " + path + " is called 'person'; give its number as the person class");
  return person;
}

int person_by_count(int classes) {
  switch (classes) {
    case 1: return 0;    // a detector of people only
    case 20: return 14;  // Pascal VOC
    case 80: return 0;   // COCO
    default:
      throw Error::usage("cannot tell which of the detector's " + std::to_string(classes) +
                         " classes is the person; give the number of the person class (counted from 0)");
  }
}

int find_person_class(const DetectorOptions& options, int classes) {
  if (options.person_class >= classes)
    throw Error::usage("person class " + std::to_string(options.person_class) +
                       " does not exist: the detector has " + std::to_string(classes) +
                       " classes, counted from 0");
  if (options.person_class >= 0) return options.person_class;
  return options.names.empty() ? person_by_count(classes) : person_by_name(options.names, classes);
}

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
        rules_(detector_rules(options.rules)) {
    if (heads_.empty()) throw Error::unsupported("the detector has no yolo section");
    for (const YoloHead& head : heads_)
      if (head.classes != heads_[0].classes)
        throw Error::unsupported("the yolo sections of the detector have different classes");
    person_class_ = find_person_class(options, heads_[0].classes);
    if (rules_.square_input && input_.width != input_.height)
      throw Error::usage("the detector rules '" + options.rules + "' need a square input, not " +
                         std::to_string(input_.width) + "x" + std::to_string(input_.height) +
                         "; give the side (a multiple of 32) or use the rules 'darknet'");
  }

  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
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
      const Blob& photo = batch[seen[k]].pixels;
      Blob item = pixels[static_cast<std::int64_t>(k)];
      POSE_CHECK(photo.elements() == item.elements());
      std::copy_n(photo.data(), photo.elements(), item.data());
    }
    const std::vector<Blob> maps = network_->forward(pixels);
    for (std::size_t k = 0; k < seen.size(); ++k) {
      std::vector<Blob> own;
      for (const Blob& map : maps) own.push_back(map[static_cast<std::int64_t>(k)]);
      found[seen[k]] = rules_.candidates(decode_yolo(own, heads_, input_, conf_),
                                         {input_, batch[seen[k]].photo, person_class_, conf_});
    }
    return found;
  }

  std::unique_ptr<Network> network_;
  std::vector<YoloHead> heads_;
  Size input_;
  float conf_, nms_;
  const DetectorRules& rules_;
  int person_class_ = 0;
};

}  // namespace

std::unique_ptr<Detector> make_yolo_detector(std::unique_ptr<Network> network, std::vector<YoloHead> heads,
                                             Size input, const DetectorOptions& options) {
  return std::make_unique<YoloDetector>(std::move(network), std::move(heads), input, options);
}

}  // namespace pose
