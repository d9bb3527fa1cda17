#include "detect/given_boxes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/read_file.h"
#include "detect/check.h"
#include "pose/detect.h"
#include "pose/error.h"
#include "pose/results.h"
#include "results/names.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestBoxesFile = std::size_t{1} << 30;

/// People with a score of at least `conf`, as detections.
void add_people(const PhotoPeople& photo, const std::string& file, float conf, GivenBoxes& boxes) {
  for (const Person& person : photo.people) {
    const Detection& d = person.detection;
    if (d.box.width() <= 0 && d.box.height() <= 0 && !person.joints.empty())
      throw Error::format(file +
                          ": has the joints of people, but not their boxes (--save_boxes writes those)");
    if (d.score < conf) continue;
    if (photo.number)
      boxes.by_number[*photo.number].push_back(d);
    else
      boxes.by_name[photo.name].push_back(d);
  }
}

template <typename Map>
void sort_best_first(Map& map) {
  for (auto& [id, detections] : map)
    std::stable_sort(detections.begin(), detections.end(),
                     [](const Detection& a, const Detection& b) { return a.score > b.score; });
}

class BoxesFileDetector : public Detector {
 public:
  explicit BoxesFileDetector(GivenBoxes boxes) : boxes_(std::move(boxes)) {}

  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
    check_picture(bgr);
    return {Blob(), {bgr.cols, bgr.rows}, name};
  }

  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override {
    if (traces) traces->assign(batch.size(), {});
    std::vector<std::vector<Detection>> found(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (const auto* people = boxes_.find(batch[i].name)) found[i] = *people;
    return found;
  }

 private:
  GivenBoxes boxes_;
};

class WholeImageDetector : public Detector {
 public:
  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
    check_picture(bgr);
    return {Blob(), {bgr.cols, bgr.rows}, name};
  }

  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override {
    if (traces) traces->assign(batch.size(), {});
    std::vector<std::vector<Detection>> found;
    for (const DetectorInput& in : batch) {
      if (in.photo.width < 1 || in.photo.height < 1)
        throw Error::usage("this detector did not prepare the photo '" + in.name + "'");
      const Box all{0, 0, static_cast<float>(in.photo.width), static_cast<float>(in.photo.height)};
      found.push_back({{all, 1.0f, 1.0f, 0}});
    }
    return found;
  }
};

}  // namespace

const std::vector<Detection>* GivenBoxes::find(const std::string& name) const {
  auto named = by_name.find(name);
  if (named == by_name.end()) named = by_name.find(name.substr(name.rfind('/') + 1));
  if (named != by_name.end()) return &named->second;
  const auto number = coco_number(name);
  const auto numbered = number ? by_number.find(*number) : by_number.end();
  return numbered == by_number.end() ? nullptr : &numbered->second;
}

GivenBoxes parse_given_boxes(std::string_view text, const std::string& file, float conf) {
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& e) {
    throw Error::format(file + ": not a JSON file: " + e.what());
  }
  const ResultForm* form = recognise_form(document);
  if (!form && document.is_array())
    form = &result_form("boxes");  // which says what is wrong with its entries
  if (!form) throw Error::format(file + ": must be a list of boxes: [{\"image_id\": ..., \"bbox\": ...}]");
  GivenBoxes boxes;
  for (const PhotoPeople& photo : form->read(document, file).photos) add_people(photo, file, conf, boxes);
  sort_best_first(boxes.by_name);
  sort_best_first(boxes.by_number);
  return boxes;
}

std::unique_ptr<Detector> make_boxes_file_detector(const std::string& path, float conf) {
  check_share(conf, "the score threshold of the boxes (conf)");
  const FileBytes file = read_file(path, kLargestBoxesFile);
  return std::make_unique<BoxesFileDetector>(parse_given_boxes(text_of(file), path, conf));
}

std::unique_ptr<Detector> make_whole_image_detector() { return std::make_unique<WholeImageDetector>(); }

}  // namespace pose
