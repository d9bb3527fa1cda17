#include "results/people.h"

#include <algorithm>

namespace pose {

bool has_box(const Person& person) {
  return person.detection.box.width() > 0 && person.detection.box.height() > 0;
}

bool is_missing(const Joint& joint) { return joint.x == 0 && joint.y == 0 && !(joint.score > 0); }

std::optional<Box> span_of(const Person& person) {
  std::optional<Box> span;
  for (const Joint& joint : person.joints) {
    if (is_missing(joint)) continue;
    if (!span) span = Box{joint.x, joint.y, joint.x, joint.y};
    *span = {std::min(span->x1, joint.x), std::min(span->y1, joint.y), std::max(span->x2, joint.x),
             std::max(span->y2, joint.y)};
  }
  return span;
}

Rect box_or_span(const Person& person) {
  return has_box(person) ? person.detection.rect() : rect_of(span_of(person).value_or(Box{}));
}

std::string joint_name(const Results& results, std::size_t joint) {
  return joint < results.joint_names.size() ? results.joint_names[joint] : "joint_" + std::to_string(joint);
}

std::size_t joints_of(const Results& results) {
  for (const PhotoPeople& photo : results.photos)
    for (const Person& person : photo.people)
      if (!person.joints.empty()) return person.joints.size();
  return 0;
}

}  // namespace pose
