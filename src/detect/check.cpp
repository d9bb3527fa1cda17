#include "detect/check.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>

#include "base/read_file.h"
#include "detect/rules.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr std::size_t kLargestNames = 1 << 20;
constexpr int kGreatestSide = 8192, kMostClasses = 100'000;
constexpr float kGreatestAnchor = 1e6f, kGreatestStretch = 100;

std::string trimmed_lower(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

int person_by_name(const std::string& path, int classes) {
  std::istringstream in(std::string(text_of(read_file(path, kLargestNames))));
  int count = 0, person = -1;
  for (std::string line; std::getline(in, line);) {
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

bool is_sane(const YoloHead& head) {
  const auto sides = [](const std::vector<float>& anchors) {
    return std::all_of(anchors.begin(), anchors.end(), [](float v) { return v > 0 && v <= kGreatestAnchor; });
  };
  return !head.anchors_w.empty() && head.anchors_w.size() == head.anchors_h.size() && sides(head.anchors_w) &&
         sides(head.anchors_h) && head.classes >= 1 && head.classes <= kMostClasses && head.scale_x_y > 0 &&
         head.scale_x_y <= kGreatestStretch;
}

void check_heads(const std::vector<YoloHead>& heads) {
  if (heads.empty()) throw Error::unsupported("the detector has no yolo section");
  for (const YoloHead& head : heads) {
    if (!is_sane(head))
      throw Error::usage(
          "a yolo section needs pairs of positive anchors, at least one class and a positive "
          "scale_x_y");
    if (head.classes != heads[0].classes)
      throw Error::unsupported("the yolo sections of the detector have different classes");
  }
}

}  // namespace

int check_yolo(const std::vector<YoloHead>& heads, Size input, const DetectorOptions& options) {
  check_share(options.conf, "the score threshold of the detector (conf)");
  check_share(options.nms, "the overlap threshold of the detector (nms)");
  const bool sides =
      std::min(input.width, input.height) >= 1 && std::max(input.width, input.height) <= kGreatestSide;
  if (!sides)
    throw Error::usage("the detector's input must have sides from 1 to " + std::to_string(kGreatestSide) +
                       " pixels");
  check_heads(heads);
  const int person = find_person_class(options, heads[0].classes);
  if (detector_rules(options.rules).square_input && input.width != input.height)
    throw Error::usage("the detector rules '" + options.rules + "' need a square input, not " +
                       std::to_string(input.width) + "x" + std::to_string(input.height) +
                       "; give the side (a multiple of 32) or use the rules 'darknet'");
  return person;
}

void check_picture(const cv::Mat& bgr) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw Error::usage("detectors take 8-bit pictures with three channels (BGR), as read_image gives");
}

void check_share(float value, const char* what) {
  if (!(value >= 0 && value <= 1)) throw Error::usage(std::string(what) + " must lie between 0 and 1");
}

}  // namespace pose
