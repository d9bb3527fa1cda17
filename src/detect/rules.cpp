#include "detect/rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/lookup.h"
#include "image/letterbox.h"
#include "pose/log.h"

namespace pose {
namespace {

/// Of one photo: above what a sane network gives (YOLOv3 at 608 has 22743 rows), low enough for the quadratic
/// suppression.
constexpr std::size_t kMaxCandidates = 30'000;

/// Lowering of the threshold in the second pass. Source: src/detect/README.md, 3.
constexpr double kSecondPassStep = 0.05;

bool is_number(const Box& box) {
  return !std::isnan(box.x1) && !std::isnan(box.y1) && !std::isnan(box.x2) && !std::isnan(box.y2);
}

Box corners(const float* row) {
  const float half_w = row[2] / 2, half_h = row[3] / 2;
  return {row[0] - half_w, row[1] - half_h, row[0] + half_w, row[1] + half_h};
}

void sort_best_first(std::vector<Detection>& found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (found.size() <= kMaxCandidates) return;
  log_warning("the detector gives " + std::to_string(found.size()) +
              " candidates for one photo; only the best " + std::to_string(kMaxCandidates) +
              " are looked at (do weights and cfg belong together?)");
  found.resize(kMaxCandidates);
}

Blob letterboxed(const cv::Mat& bgr, Size input) { return letterbox(bgr, input.width); }

/// Objectness alone counts, and the person must be the best of all classes. Source: src/detect/README.md, 2.
std::vector<Detection> alphapose_candidates(const YoloRows& rows, const CandidateQuery& query) {
  std::vector<Detection> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = rows[i];
    if (!(row[4] > query.conf)) continue;
    const float* classes = row + 5;
    const auto best = static_cast<int>(std::max_element(classes, classes + rows.classes) - classes);
    if (best != query.person_class || !(classes[best] > 0)) continue;
    const Detection d{corners(row), row[4], classes[best], best};
    if (is_number(d.box)) found.push_back(d);
  }
  sort_best_first(found);
  return found;
}

/// Undoes the letterbox with its unrounded scale and padding, every step in f32. Source:
/// src/detect/README.md, 4.
Box alphapose_to_photo(const Box& box, Size input, Size photo) {
  const auto side = static_cast<float>(input.width);
  const auto w = static_cast<float>(photo.width), h = static_cast<float>(photo.height);
  const float s = std::min(1.0f / w * side, 1.0f / h * side);
  const float pad_x = (side - s * w) / 2, pad_y = (side - s * h) / 2;
  const auto back = [s](float v, float pad, float limit) { return std::clamp((v - pad) / s, 0.0f, limit); };
  return {back(box.x1, pad_x, w), back(box.y1, pad_y, h), back(box.x2, pad_x, w), back(box.y2, pad_y, h)};
}

/// Objectness times the score of the person class, whatever the other classes say. Boxes that overflowed are
/// dropped, for nothing clips them later.
std::vector<Detection> scaled_candidates(const YoloRows& rows, const CandidateQuery& query, float scale_x,
                                         float scale_y) {
  constexpr float kFarthest = 1e6f;
  std::vector<Detection> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = rows[i];
    const float person = row[5 + query.person_class];
    const float score = row[4] * person;
    if (!(score >= query.conf)) continue;
    const Box b = corners(row);
    const Detection d{
        {b.x1 * scale_x, b.y1 * scale_y, b.x2 * scale_x, b.y2 * scale_y}, score, person, query.person_class};
    const std::array<float, 4> sides{d.box.x1, d.box.y1, d.box.x2, d.box.y2};
    if (std::all_of(sides.begin(), sides.end(), [](float v) { return std::abs(v) < kFarthest; }))
      found.push_back(d);
  }
  sort_best_first(found);
  return found;
}

/// Boxes are those of the photo and may leave it.
std::vector<Detection> darknet_candidates(const YoloRows& rows, const CandidateQuery& query) {
  return scaled_candidates(rows, query,
                           static_cast<float>(query.photo.width) / static_cast<float>(query.input.width),
                           static_cast<float>(query.photo.height) / static_cast<float>(query.input.height));
}

std::vector<Detection> letterbox_candidates(const YoloRows& rows, const CandidateQuery& query) {
  return scaled_candidates(rows, query, 1, 1);
}

Box unchanged(const Box& box, Size, Size) { return box; }

const std::array<DetectorRules, 3> kRules{{
    {"alphapose",
     "grey letterbox, objectness as score, best class only, IoU with +1, boxes clipped to the photo",
     &letterboxed, &alphapose_candidates, &alphapose_to_photo, true, 1.0f, true, 100},
    {"darknet", "plain stretch, objectness times class as score, plain IoU, boxes may leave the photo",
     &stretch, &darknet_candidates, &unchanged, false, 0.0f, false, 0},
    {"darknet-letterbox", "grey letterbox, otherwise as darknet, boxes clipped to the photo", &letterboxed,
     &letterbox_candidates, &alphapose_to_photo, true, 0.0f, false, 0},
}};

std::vector<Detection> suppress_photo(const std::vector<Detection>& sorted, const DetectorRules& rules,
                                      float nms) {
  std::vector<Detection> kept;
  std::vector<char> gone(sorted.size(), 0);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (gone[i]) continue;
    kept.push_back(sorted[i]);
    for (std::size_t j = i + 1; j < sorted.size(); ++j) {
      if (gone[j]) continue;
      const float overlap = iou(sorted[i].box, sorted[j].box, rules.iou_extra);
      gone[j] = rules.suppress_equal ? !(overlap < nms) : overlap > nms;
    }
  }
  return kept;
}

}  // namespace

const DetectorRules& detector_rules(std::string_view name) { return lookup(kRules, name, "detector rules"); }

std::vector<std::vector<Detection>> suppress_boxes(const std::vector<std::vector<Detection>>& batch,
                                                   const DetectorRules& rules, float nms) {
  std::vector<std::vector<Detection>> kept;
  std::size_t total = 0;
  const auto run = [&](float threshold) {
    kept.clear();
    total = 0;
    for (const auto& photo : batch)
      total += kept.emplace_back(suppress_photo(photo, rules, threshold)).size();
  };
  run(nms);
  if (rules.second_pass_above > 0 && total > static_cast<std::size_t>(rules.second_pass_above))
    run(static_cast<float>(static_cast<double>(nms) - kSecondPassStep));
  return kept;
}

}  // namespace pose
