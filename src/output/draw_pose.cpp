// Our own drawing: full resolution, smooth, sized to the person, left and right in different colours, fading
// with confidence, with a soft shadow that keeps it readable on any background.

#include <algorithm>
#include <cmath>

#include "image/check_picture.h"
#include "output/draw.h"
#include "output/stroke.h"

namespace pose {
namespace {

constexpr float kLeastScore = 0.15f;  // below, a joint is a guess and is left out
constexpr float kSureScore = 0.55f;   // from here on it is drawn at full strength
constexpr float kLeastOpacity = 0.3f, kGreatestOpacity = 0.95f;

// Half the width of a thigh, as a part of the person's longer side on the picture; the other widths as parts
// of it.
constexpr float kRadiusPerSide = 1.0f / 84, kLeastRadius = 0.55f;
constexpr float kFaceWidth = 0.5f, kNeckWidth = 0.6f, kJointWidth = 1.25f, kFaceJointWidth = 0.8f,
                kShadowWidth = 1.3f;
constexpr float kLeastDotRadius = 1.2f;  // thinner figures have no dots on their joints

enum class Part { kFace, kTrunk, kArm, kLeg };

struct PartName {
  std::string_view text;  ///< found in the joint's name
  Part part;
  float width;  ///< of a limb there: limbs become thinner towards their ends
};

constexpr PartName kPartNames[] = {
    {"nose", Part::kFace, kFaceWidth}, {"eye", Part::kFace, kFaceWidth}, {"ear", Part::kFace, kFaceWidth},
    {"shoulder", Part::kArm, 0.95f},   {"elbow", Part::kArm, 0.85f},     {"wrist", Part::kArm, 0.6f},
    {"hip", Part::kLeg, 1.0f},         {"knee", Part::kLeg, 0.9f},       {"ankle", Part::kLeg, 0.65f},
};
constexpr PartName kOtherPart{"", Part::kTrunk, 0.85f};

const PartName& part_of(const JointInfo& joint) {
  for (const PartName& row : kPartNames)
    if (joint.name.find(row.text) != std::string_view::npos) return row;
  return kOtherPart;
}

const cv::Vec3f kMiddleColor(240, 240, 240);

/// Warm on the left, cool on the right: apart for every common kind of colour blindness. BGR.
cv::Vec3f color_of(const JointInfo& joint) {
  const Part part = part_of(joint).part;
  if (joint.side == Side::kLeft) return part == Part::kLeg ? cv::Vec3f(20, 92, 255) : cv::Vec3f(10, 178, 255);
  if (joint.side == Side::kRight)
    return part == Part::kLeg ? cv::Vec3f(255, 126, 92) : cv::Vec3f(255, 210, 70);
  return kMiddleColor;
}

/// One person, ready to be painted.
struct Figure {
  std::vector<Stroke> limbs, joints;
  float side = 0;  ///< the longer side of the person on the picture, pixels
};

/// The joints of one person that can be seen, and how strongly.
class FigureBuilder {
 public:
  FigureBuilder(const Person& person, const Skeleton& skeleton, const cv::Size& picture)
      : person_(person), skeleton_(skeleton), picture_(picture) {
    figure_.side = side();
    radius_ = std::max(figure_.side * kRadiusPerSide, kLeastRadius);
  }

  Figure build() {
    for (const auto& [a, b] : skeleton_.limbs)
      add_limb(static_cast<std::size_t>(a), static_cast<std::size_t>(b));
    add_neck();
    if (radius_ >= kLeastDotRadius)
      for (std::size_t k = 0; k < skeleton_.joints.size(); ++k)
        if (seen(k)) add_dot(k);
    return std::move(figure_);
  }

 private:
  bool seen(std::size_t k) const {
    const Joint& j = person_.joints[k];
    const auto w = static_cast<float>(picture_.width), h = static_cast<float>(picture_.height);
    // Joints may lie beside the picture, but not anywhere. NaN fails every comparison.
    return j.score > kLeastScore && j.x > -w && j.x < 2 * w && j.y > -h && j.y < 2 * h;
  }

  bool on_face(std::size_t k) const { return part_of(skeleton_.joints[k]).part == Part::kFace; }

  bool across(std::size_t a, std::size_t b) const {
    const Side first = skeleton_.joints[a].side, second = skeleton_.joints[b].side;
    return first != second && first != Side::kMiddle && second != Side::kMiddle;
  }

  float side() const {
    float left = 1e9f, top = 1e9f, right = -1e9f, bottom = -1e9f;
    for (std::size_t k = 0; k < person_.joints.size(); ++k) {
      if (!seen(k)) continue;
      const float x = std::clamp(person_.joints[k].x, 0.0f, static_cast<float>(picture_.width));
      const float y = std::clamp(person_.joints[k].y, 0.0f, static_cast<float>(picture_.height));
      left = std::min(left, x), right = std::max(right, x), top = std::min(top, y),
      bottom = std::max(bottom, y);
    }
    return std::max({right - left, bottom - top, 0.0f});
  }

  float strength(std::size_t k) const {
    return std::clamp((person_.joints[k].score - kLeastScore) / (kSureScore - kLeastScore), 0.0f, 1.0f);
  }

  StrokeEnd end_at(std::size_t k) const {
    const Joint& j = person_.joints[k];
    const float opacity = kLeastOpacity + (kGreatestOpacity - kLeastOpacity) * strength(k);
    const float width = part_of(skeleton_.joints[k]).width * (0.75f + 0.25f * strength(k));
    return {j.x, j.y, radius_ * width, opacity, color_of(skeleton_.joints[k])};
  }

  void add_limb(std::size_t a, std::size_t b) {
    if (!seen(a) || !seen(b)) return;
    // The neck stands for the lines from ears to shoulders, and the eyes are joined at the nose.
    if (on_face(a) != on_face(b) || (on_face(a) && across(a, b))) return;
    if (across(a, b)) {
      const StrokeEnd middle = middle_of({end_at(a), end_at(b)});
      figure_.limbs.push_back({end_at(a), middle});
      figure_.limbs.push_back({middle, end_at(b)});
    } else {
      figure_.limbs.push_back({end_at(a), end_at(b)});
    }
  }

  /// From between the shoulders to the nose, or to the middle of what can be seen of the face.
  void add_neck() {
    std::vector<StrokeEnd> nose, face, shoulders;
    for (std::size_t k = 0; k < skeleton_.joints.size(); ++k) {
      if (!seen(k)) continue;
      const std::string_view name = skeleton_.joints[k].name;
      if (name == "nose") nose.push_back(end_at(k));
      if (on_face(k)) face.push_back(end_at(k));
      if (name.find("shoulder") != std::string_view::npos) shoulders.push_back(end_at(k));
    }
    if (face.empty() || shoulders.size() != 2) return;
    Stroke neck{middle_of(shoulders), middle_of(nose.empty() ? face : nose)};
    neck.a.radius = radius_ * kNeckWidth, neck.b.radius = radius_ * kFaceWidth;
    figure_.limbs.push_back(neck);
  }

  StrokeEnd middle_of(const std::vector<StrokeEnd>& ends) const {
    StrokeEnd middle{0, 0, radius_ * kOtherPart.width, 1, kMiddleColor};
    for (const StrokeEnd& e : ends) {
      middle.x += e.x / static_cast<float>(ends.size());
      middle.y += e.y / static_cast<float>(ends.size());
      middle.opacity = std::min(middle.opacity, e.opacity);
    }
    return middle;
  }

  void add_dot(std::size_t k) {
    StrokeEnd dot = end_at(k);
    dot.radius *= on_face(k) ? kFaceJointWidth / kFaceWidth : kJointWidth;
    figure_.joints.push_back({dot, dot});
  }

  const Person& person_;
  const Skeleton& skeleton_;
  const cv::Size picture_;
  float radius_ = 0;
  Figure figure_;
};

void paint(cv::Mat& picture, const Figure& figure) {
  for (const std::vector<Stroke>* strokes : {&figure.limbs, &figure.joints})
    for (const Stroke& s : *strokes)
      paint_shadow(picture, s, std::max(kShadowWidth * std::max(s.a.radius, s.b.radius), 1.0f));
  for (const Stroke& s : figure.limbs) paint_stroke(picture, s);
  for (Stroke s : figure.joints) {
    paint_stroke(picture, s);
    for (StrokeEnd* e : {&s.a, &s.b}) e->radius *= 0.55f, e->color = {255, 255, 255};
    paint_stroke(picture, s);
  }
}

}  // namespace

cv::Mat draw_pose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  check_picture(bgr);
  cv::Mat result = bgr.clone();
  std::vector<Figure> figures;
  for (const Person& person : people)
    if (person.joints.size() == skeleton.joints.size())
      figures.push_back(FigureBuilder(person, skeleton, bgr.size()).build());
  // Small people are mostly further away: they are painted first.
  std::stable_sort(figures.begin(), figures.end(),
                   [](const Figure& a, const Figure& b) { return a.side < b.side; });
  for (const Figure& figure : figures) paint(result, figure);
  return result;
}

}  // namespace pose
