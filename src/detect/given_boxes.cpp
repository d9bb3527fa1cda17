#include "detect/given_boxes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/read_file.h"
#include "detect/check.h"
#include "pose/detect.h"
#include "pose/error.h"
#include "pose/log.h"
#include "pose/results.h"
#include "results/journal_file.h"
#include "results/names.h"
#include "results/read_results.h"
#include "results/record_text.h"

namespace pose {
namespace {

constexpr std::size_t kLargestBoxesFile = std::size_t{1} << 30;

std::string base_name(const std::string& name) { return name.substr(name.rfind('/') + 1); }

/// Everybody's box. Joints without a box cannot be done again.
std::vector<Detection> boxes_of(const PhotoPeople& photo, const std::string& file) {
  std::vector<Detection> boxes;
  for (const Person& person : photo.people) {
    if (person.detection.given)
      boxes.push_back(person.detection);
    else if (!person.joints.empty())
      throw Error::format(file +
                          ": has the joints of people, but not their boxes (--save_boxes writes those, and "
                          "the run's journal.jsonl has them too)");
  }
  return boxes;
}

/// Names of a data set's photos are often those of files below some folder. It lists all its photos, so the
/// last part of a name that only one of them has is that photo.
std::set<std::string> names_of_one(const std::vector<PhotoPeople>& photos) {
  std::set<std::string> one, several;
  for (const PhotoPeople& photo : photos)
    if (const std::string base = base_name(photo.name); !one.insert(base).second) several.insert(base);
  for (const std::string& base : several) one.erase(base);
  return one;
}

GivenBoxes from_results(const Results& results, const std::string& file, float conf) {
  GivenBoxes boxes;
  std::set<std::string> last_parts;
  if (results.form == "coco-dataset") last_parts = names_of_one(results.photos);
  for (const PhotoPeople& photo : results.photos) {
    const std::string base = base_name(photo.name);
    if (photo.name.empty() && photo.number)
      boxes.add(*photo.number, boxes_of(photo, file), conf);
    else
      boxes.add(last_parts.count(base) ? base : photo.name, boxes_of(photo, file), conf);
  }
  return boxes;
}

/// Of a photo that was done several times the last time counts.
GivenBoxes from_journal(const std::string& path, float conf) {
  std::map<std::string, std::vector<Detection>> photos;
  JournalReader reader(path);
  for (std::string text; reader.next(text);) {
    const JournalLine line = reader.parse(text);
    const auto* record = std::get_if<JournalRecord>(&line);
    if (record && record->photo.ok()) photos[record->photo.name] = record->photo.boxes;
  }
  GivenBoxes boxes;
  for (const auto& [name, detections] : photos) boxes.add(name, detections, conf);
  return boxes;
}

/// Sorted, and with a word on what was left out.
GivenBoxes finished(GivenBoxes boxes, const std::string& file) {
  boxes.sort();
  if (boxes.without_area() > 0)
    log_warning(file + ": boxes without an area are left out: " + std::to_string(boxes.without_area()));
  return boxes;
}

/// Boxes that the photo has nothing of would be crops of nothing.
std::vector<Detection> those_on_the_photo(const std::vector<Detection>& boxes, const DetectorInput& photo) {
  std::vector<Detection> inside;
  for (const Detection& d : boxes) {
    const Rect r = d.rect();
    if (r.x < photo.photo.width && r.y < photo.photo.height && r.x + r.width > 0 && r.y + r.height > 0)
      inside.push_back(d);
  }
  if (inside.size() < boxes.size())
    log_warning(photo.name + ": boxes that lie outside of the picture are left out: " +
                std::to_string(boxes.size() - inside.size()));
  return inside;
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
      if (const auto* people = boxes_.find(batch[i].name)) found[i] = those_on_the_photo(*people, batch[i]);
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

template <typename Map, typename Key>
void GivenBoxes::append(Map& map, const Key& key, const std::vector<Detection>& boxes, float conf) {
  for (const Detection& d : boxes) {
    const Rect rect = d.rect();
    if (d.score < conf) continue;
    if (rect.width > 0 && rect.height > 0)
      map[key].push_back(d);
    else
      ++without_area_;
  }
}

void GivenBoxes::add(const std::string& name, const std::vector<Detection>& boxes, float conf) {
  append(by_name_, name, boxes, conf);
}

void GivenBoxes::add(std::int64_t number, const std::vector<Detection>& boxes, float conf) {
  append(by_number_, number, boxes, conf);
}

void GivenBoxes::sort() {
  const auto best_first = [](const Detection& a, const Detection& b) { return a.score > b.score; };
  for (auto& [name, boxes] : by_name_) std::stable_sort(boxes.begin(), boxes.end(), best_first);
  for (auto& [number, boxes] : by_number_) std::stable_sort(boxes.begin(), boxes.end(), best_first);
}

const std::vector<Detection>* GivenBoxes::find(const std::string& name) const {
  const std::string base = base_name(name);
  std::vector<std::string> names{name, base, base.substr(0, base.rfind('.'))};
  if (const auto digits = coco_digits(name)) names.push_back(*digits);
  for (const std::string& called : names)
    if (const auto named = by_name_.find(called); named != by_name_.end() && !called.empty())
      return &named->second;
  const auto number = coco_number(name);
  const auto numbered = number ? by_number_.find(*number) : by_number_.end();
  return numbered == by_number_.end() ? nullptr : &numbered->second;
}

GivenBoxes parse_given_boxes(std::string_view bytes, const std::string& file, float conf) {
  return finished(from_results(parse_results({{bytes.begin(), bytes.end()}, {}}, file), file, conf), file);
}

GivenBoxes read_given_boxes(const std::string& path, float conf) {
  FileBytes file = read_file(path, kLargestBoxesFile);
  if (begins_run(text_of(file))) return finished(from_journal(path, conf), path);
  return finished(from_results(parse_results(std::move(file), path), path, conf), path);
}

std::unique_ptr<Detector> make_boxes_file_detector(const std::string& path, float conf) {
  check_share(conf, "the score threshold of the boxes (conf)");
  return std::make_unique<BoxesFileDetector>(read_given_boxes(path, conf));
}

std::unique_ptr<Detector> make_whole_image_detector() { return std::make_unique<WholeImageDetector>(); }

}  // namespace pose
