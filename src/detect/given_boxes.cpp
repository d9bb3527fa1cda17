#include "detect/given_boxes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/mapped_file.h"
#include "pose/detect.h"
#include "pose/error.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr double kFarthest = 1e6;  // pixels
constexpr int kPersonCategory = 1;

/// Last path part up to its first dot, last piece after '_', as a number. Source: src/detect/README.md, 7.
std::optional<std::int64_t> coco_number(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  name = name.substr(name.rfind('_') + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (name.empty() || error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// One entry of the list, with its place for messages.
class Entry {
 public:
  Entry(const json& value, std::size_t index, const std::string& file)
      : value_(value), index_(index), file_(file) {
    if (!value.is_object()) fail("", "must be an object");
  }

  const json& at(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end()) fail(key, "is missing");
    return *found;
  }

  float number(const json& value, const std::string& key, double low, double high) const {
    if (!value.is_number()) fail(key, "must be a number");
    const auto number = value.get<double>();
    if (!(number >= low && number <= high)) fail(key, "is out of range");
    return static_cast<float>(number);
  }

  Box box() const {
    const json& b = at("bbox");
    if (!b.is_array() || b.size() != 4) fail("bbox", "must be [x, y, width, height]");
    const float x = number(b[0], "bbox[0]", -kFarthest, kFarthest),
                y = number(b[1], "bbox[1]", -kFarthest, kFarthest);
    return {x, y, x + number(b[2], "bbox[2]", 0, kFarthest), y + number(b[3], "bbox[3]", 0, kFarthest)};
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw Error::format(file_ + ": [" + std::to_string(index_) + "]" + (key.empty() ? "" : ".") + key + " " +
                        what);
  }

 private:
  const json& value_;
  std::size_t index_;
  const std::string& file_;
};

void add_entry(const Entry& entry, float conf, GivenBoxes& boxes) {
  const json& category = entry.at("category_id");
  if (!category.is_number_integer()) entry.fail("category_id", "must be a whole number");
  const float score = entry.number(entry.at("score"), "score", -kFarthest, kFarthest);
  const Detection detection{entry.box(), score, score, 0};
  const json& id = entry.at("image_id");
  if (!id.is_string() && !id.is_number_integer()) entry.fail("image_id", "must be a file name or a number");
  if (category != kPersonCategory || score < conf) return;
  if (id.is_string())
    boxes.by_name[id.get<std::string>()].push_back(detection);
  else
    boxes.by_number[id.get<std::int64_t>()].push_back(detection);
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
    return {Blob(), {bgr.cols, bgr.rows}, name};
  }

  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override {
    if (traces) traces->assign(batch.size(), {});
    std::vector<std::vector<Detection>> found;
    for (const DetectorInput& in : batch) {
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
  json list;
  try {
    list = json::parse(text);
  } catch (const json::exception& e) {
    throw Error::format(file + ": not a JSON file: " + e.what());
  }
  if (!list.is_array())
    throw Error::format(file + ": must be a list of boxes: [{\"image_id\": ..., \"bbox\": ...}]");
  GivenBoxes boxes;
  for (std::size_t i = 0; i < list.size(); ++i) add_entry(Entry(list[i], i, file), conf, boxes);
  sort_best_first(boxes.by_name);
  sort_best_first(boxes.by_number);
  return boxes;
}

std::unique_ptr<Detector> make_boxes_file_detector(const std::string& path, float conf) {
  const auto file = MappedFile::open(path);
  const std::string_view text(reinterpret_cast<const char*>(file->data()), file->size());
  return std::make_unique<BoxesFileDetector>(parse_given_boxes(text, path, conf));
}

std::unique_ptr<Detector> make_whole_image_detector() { return std::make_unique<WholeImageDetector>(); }

}  // namespace pose
