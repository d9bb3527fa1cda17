// Our own drawing: full resolution, smooth, sized to the person, left and right in different colours, fading with
// confidence, with a dark edge that keeps it readable on any background.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "output/draw.h"

namespace pose {
namespace {

// BGR. Orange and blue stay apart for most kinds of colour blindness.
const cv::Scalar kLeftColor(60, 150, 255), kRightColor(255, 175, 50), kMiddleColor(235, 235, 235);
const cv::Scalar kEdgeColor(25, 22, 20);

constexpr float kLeastScore = 0.15f;  // below, a joint is a guess and is left out
constexpr float kSureScore = 0.6f;    // from here on it is drawn at full strength
constexpr double kWidthPerSide = 1.0 / 60, kLeastWidth = 1.2, kGreatestWidth = 14;
constexpr int kShift = 4;             // fractional bits of OpenCV's drawing coordinates

bool drawable(const Joint& joint) {
  return joint.score > kLeastScore && std::abs(joint.x) < 1e5f && std::abs(joint.y) < 1e5f;
}

double strength(float score) { return std::clamp((score - kLeastScore) / (kSureScore - kLeastScore), 0.0f, 1.0f); }

const cv::Scalar& color_of(Side side) {
  return side == Side::kLeft ? kLeftColor : side == Side::kRight ? kRightColor : kMiddleColor;
}

/// A limb between the sides belongs to neither; one from the middle belongs to the side it leads to.
Side side_of_limb(const Skeleton& skeleton, const std::pair<int, int>& limb) {
  const Side a = skeleton.joints[static_cast<std::size_t>(limb.first)].side;
  const Side b = skeleton.joints[static_cast<std::size_t>(limb.second)].side;
  if (a == b) return a;
  return a == Side::kMiddle ? b : b == Side::kMiddle ? a : Side::kMiddle;
}

/// How large a person appears: the extent of the joints that are drawn.
double person_side(const Person& person, cv::Rect2f& extent) {
  extent = {};
  bool first = true;
  for (const Joint& joint : person.joints) {
    if (!drawable(joint)) continue;
    const cv::Rect2f point(joint.x, joint.y, 1e-3f, 1e-3f);
    extent = first ? point : extent | point;
    first = false;
  }
  return std::max(extent.width, extent.height);
}

/// A part of the picture on which one person is drawn, and how far along its joints lie.
struct Canvas {
  cv::Mat picture;
  cv::Point2f origin;
  double width;  ///< of a limb, pixels

  cv::Point fixed(const Joint& joint) const {
    const float unit = static_cast<float>(1 << kShift);
    return {static_cast<int>(std::lround((joint.x - origin.x) * unit)), static_cast<int>(std::lround((joint.y - origin.y) * unit))};
  }
};

/// A line whose width may be less than a pixel step: a filled polygon with round ends.
void stroke(const Canvas& canvas, const Joint& a, const Joint& b, double width, const cv::Scalar& color) {
  const cv::Point p = canvas.fixed(a), q = canvas.fixed(b);
  const double radius = width / 2 * (1 << kShift);
  const double dx = q.x - p.x, dy = q.y - p.y, length = std::hypot(dx, dy);
  if (length > 0) {
    const cv::Point side(static_cast<int>(std::lround(-dy / length * radius)), static_cast<int>(std::lround(dx / length * radius)));
    const cv::Point corners[] = {p + side, q + side, q - side, p - side};
    cv::fillConvexPoly(canvas.picture, corners, 4, color, cv::LINE_AA, kShift);
  }
  for (const cv::Point& end : {p, q})
    cv::circle(canvas.picture, end, std::max(static_cast<int>(radius), 1), color, cv::FILLED, cv::LINE_AA, kShift);
}

void dot(const Canvas& canvas, const Joint& joint, double diameter, const cv::Scalar& color) {
  const int radius = std::max(static_cast<int>(std::lround(diameter / 2 * (1 << kShift))), 1);
  cv::circle(canvas.picture, canvas.fixed(joint), radius, color, cv::FILLED, cv::LINE_AA, kShift);
}

/// Draws something on a copy of the canvas and lays it over with the given opacity.
template <typename Draw>
void overlay(const Canvas& canvas, double opacity, Draw draw) {
  if (opacity <= 0) return;
  Canvas layer = canvas;
  layer.picture = canvas.picture.clone();
  draw(layer);
  cv::addWeighted(layer.picture, opacity, canvas.picture, 1 - opacity, 0, canvas.picture);
}

/// The weakest end decides how clearly a limb is seen.
double limb_strength(const Joint& a, const Joint& b) { return 0.25 + 0.75 * strength(std::min(a.score, b.score)); }

bool on_face(const Skeleton& skeleton, int joint) {
  const std::string_view name = skeleton.joints[static_cast<std::size_t>(joint)].name;
  return name == "nose" || name.find("eye") != std::string_view::npos || name.find("ear") != std::string_view::npos;
}

/// Limbs of one strength class are laid over together, so that a person costs a few blends and not twenty.
void draw_limbs(const Canvas& canvas, const Person& person, const Skeleton& skeleton) {
  constexpr int kClasses = 4;
  for (int level = 0; level < kClasses; ++level) {
    const double opacity = 0.95 * (level + 1) / kClasses;
    std::vector<std::pair<int, int>> limbs;
    for (const auto& limb : skeleton.limbs) {
      const Joint &a = person.joints[static_cast<std::size_t>(limb.first)], &b = person.joints[static_cast<std::size_t>(limb.second)];
      if (!drawable(a) || !drawable(b)) continue;
      if (std::min(static_cast<int>(limb_strength(a, b) * kClasses), kClasses - 1) == level) limbs.push_back(limb);
    }
    if (limbs.empty()) continue;
    overlay(canvas, opacity, [&](const Canvas& layer) {
      for (const bool edge : {true, false}) {
        for (const auto& limb : limbs) {
          const bool face = on_face(skeleton, limb.first) && on_face(skeleton, limb.second);
          const double width = canvas.width * (face ? 0.6 : 1.0);
          stroke(layer, person.joints[static_cast<std::size_t>(limb.first)], person.joints[static_cast<std::size_t>(limb.second)],
                 edge ? width * 1.35 + 1.2 : width, edge ? kEdgeColor : color_of(side_of_limb(skeleton, limb)));
        }
      }
    });
  }
}

void draw_joints(const Canvas& canvas, const Person& person, const Skeleton& skeleton) {
  overlay(canvas, 0.95, [&](const Canvas& layer) {
    for (std::size_t k = 0; k < person.joints.size(); ++k) {
      const Joint& joint = person.joints[k];
      if (!drawable(joint)) continue;
      const double size = canvas.width * (on_face(skeleton, static_cast<int>(k)) ? 0.95 : 1.5) * (0.65 + 0.35 * strength(joint.score));
      dot(layer, joint, size * 1.3 + 1.2, kEdgeColor);
      dot(layer, joint, size, color_of(skeleton.joints[k].side));
      // A hollow joint is one that the network was not sure of.
      if (strength(joint.score) < 0.5) dot(layer, joint, size * 0.45, kEdgeColor);
    }
  });
}

void draw_person(cv::Mat& picture, const Person& person, const Skeleton& skeleton) {
  cv::Rect2f extent;
  const double side = person_side(person, extent);
  if (extent.area() <= 0) return;
  Canvas canvas;
  canvas.width = std::clamp(side * kWidthPerSide, kLeastWidth, kGreatestWidth);
  const int margin = static_cast<int>(canvas.width * 3) + 4;
  const cv::Rect region = cv::Rect(static_cast<int>(std::floor(extent.x)) - margin, static_cast<int>(std::floor(extent.y)) - margin,
                                   static_cast<int>(extent.width) + 2 * margin + 1, static_cast<int>(extent.height) + 2 * margin + 1) &
                          cv::Rect(0, 0, picture.cols, picture.rows);
  if (region.empty()) return;
  canvas.picture = picture(region);
  canvas.origin = {static_cast<float>(region.x), static_cast<float>(region.y)};
  draw_limbs(canvas, person, skeleton);
  draw_joints(canvas, person, skeleton);
}

}  // namespace

cv::Mat draw_pose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  cv::Mat result = bgr.clone();
  // Small people are mostly further away: they are drawn first.
  std::vector<std::size_t> order(people.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto side = [&](std::size_t i) {
    cv::Rect2f extent;
    return person_side(people[i], extent);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return side(a) < side(b); });
  for (const std::size_t i : order)
    if (people[i].joints.size() == skeleton.joints.size()) draw_person(result, people[i], skeleton);
  return result;
}

}  // namespace pose
