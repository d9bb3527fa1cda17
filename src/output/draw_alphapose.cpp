// AlphaPose's two ways of drawing, pixel for pixel. Source: src/output/README.md, 1-3.

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/check_picture.h"
#include "output/draw.h"

namespace pose {
namespace {

struct Limb {
  int a, b;
  cv::Scalar color;
};

// Joint 17 is the neck. Colours are BGR.
const std::array<Limb, 15>& limbs() {
  static const std::array<Limb, 15> all{{{0, 1, {0, 215, 255}},
                                         {0, 2, {0, 255, 204}},
                                         {1, 3, {0, 134, 255}},
                                         {2, 4, {0, 255, 50}},
                                         {5, 6, {77, 255, 222}},
                                         {5, 7, {77, 196, 255}},
                                         {7, 9, {77, 135, 255}},
                                         {6, 8, {191, 255, 77}},
                                         {8, 10, {77, 255, 77}},
                                         {17, 11, {77, 222, 255}},
                                         {17, 12, {255, 156, 127}},
                                         {11, 13, {0, 127, 255}},
                                         {12, 14, {255, 127, 77}},
                                         {13, 15, {0, 77, 255}},
                                         {14, 16, {255, 77, 36}}}};
  return all;
}

const std::array<cv::Scalar, 18>& joint_colors() {
  static const std::array<cv::Scalar, 18> all{{{0, 255, 255},
                                               {0, 191, 255},
                                               {0, 255, 102},
                                               {0, 77, 255},
                                               {0, 255, 0},
                                               {77, 255, 255},
                                               {77, 255, 204},
                                               {77, 204, 255},
                                               {191, 255, 77},
                                               {77, 191, 255},
                                               {191, 255, 77},
                                               {204, 77, 255},
                                               {77, 255, 204},
                                               {191, 77, 255},
                                               {77, 255, 191},
                                               {127, 77, 255},
                                               {77, 255, 127},
                                               {0, 255, 255}}};
  return all;
}

constexpr float kLeastScore = 0.05f;
constexpr std::size_t kCocoJoints = 17;

/// Joints that are nowhere (NaN), or further out than any picture's sides are long, are left out.
bool visible(const Joint& joint) {
  constexpr float kFarthest = 1 << 20;
  return joint.score > kLeastScore && std::abs(joint.x) < kFarthest && std::abs(joint.y) < kFarthest;
}

cv::Point place(const Joint& joint) { return {static_cast<int>(joint.x), static_cast<int>(joint.y)}; }

/// The sum of two scores as a width; no score of a heatmap comes near the limit.
int width_of(float sum) { return static_cast<int>(std::min(sum, 1000.0f)); }

std::vector<Joint> with_neck(const Person& person) {
  std::vector<Joint> joints = person.joints;
  const Joint &a = joints[5], &b = joints[6];
  joints.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2, (a.score + b.score) / 2});
  return joints;
}

/// Lays what `draw` does to the picture within `region` over it. The reference blends the whole picture each
/// time; where nothing was drawn, that changes nothing.
template <typename Draw>
void blend(cv::Mat& picture, const cv::Rect& region, double weight, Draw draw) {
  const cv::Rect inside = region & cv::Rect({0, 0}, picture.size());
  if (inside.empty()) return;
  const double t = std::clamp(weight, 0.0, 1.0);
  cv::Mat below = picture(inside), above = below.clone();
  draw(above, -inside.tl());
  cv::addWeighted(above, t, below, 1 - t, 0, below);
}

void draw_joint(cv::Mat& picture, const cv::Point& p, float score, const cv::Scalar& color) {
  constexpr int kRadius = 2, kReach = kRadius + 1;
  blend(picture, {p.x - kReach, p.y - kReach, 2 * kReach + 1, 2 * kReach + 1}, score,
        [&](cv::Mat& part, const cv::Point& shift) {
          cv::circle(part, p + shift, kRadius, color, cv::FILLED);
        });
}

void draw_limb(cv::Mat& picture, const cv::Point& p, const cv::Point& q, float sum, const cv::Scalar& color) {
  const double length = std::hypot(p.y - q.y, p.x - q.x);
  const double angle = std::atan2(p.y - q.y, p.x - q.x) * 180.0 / CV_PI;
  std::vector<cv::Point> polygon;
  cv::ellipse2Poly({(p.x + q.x) / 2, (p.y + q.y) / 2}, {static_cast<int>(length / 2), width_of(sum + 1)},
                   static_cast<int>(angle), 0, 360, 1, polygon);
  const cv::Rect box = cv::boundingRect(polygon);
  blend(picture, {box.x - 1, box.y - 1, box.width + 2, box.height + 2}, 0.5 * sum,
        [&](cv::Mat& part, const cv::Point& shift) {
          for (cv::Point& corner : polygon) corner += shift;
          cv::fillConvexPoly(part, polygon, color);
        });
}

/// Calls `joint(place, score, color)` for all visible joints of a person, then `limb(place, place, sum,
/// color)`.
template <typename DrawJoint, typename DrawLimb>
void draw_parts(const Person& person, DrawJoint joint, DrawLimb limb) {
  if (person.joints.size() != kCocoJoints) return;
  const std::vector<Joint> joints = with_neck(person);
  for (std::size_t k = 0; k < joints.size(); ++k)
    if (visible(joints[k])) joint(place(joints[k]), joints[k].score, joint_colors()[k]);
  for (const Limb& row : limbs()) {
    const Joint &a = joints[static_cast<std::size_t>(row.a)], &b = joints[static_cast<std::size_t>(row.b)];
    if (visible(a) && visible(b)) limb(place(a), place(b), a.score + b.score, row.color);
  }
}

void draw_person(cv::Mat& half, const Person& person) {
  const auto halved = [](const cv::Point& p) { return cv::Point(p.x / 2, p.y / 2); };
  draw_parts(
      person,
      [&](const cv::Point& p, float score, const cv::Scalar& color) {
        draw_joint(half, halved(p), score, color);
      },
      [&](const cv::Point& p, const cv::Point& q, float sum, const cv::Scalar& color) {
        draw_limb(half, halved(p), halved(q), sum, color);
      });
}

void draw_person_fast(cv::Mat& picture, const Person& person) {
  draw_parts(
      person,
      [&](const cv::Point& p, float, const cv::Scalar& color) {
        cv::circle(picture, p, 4, color, cv::FILLED);
      },
      [&](const cv::Point& p, const cv::Point& q, float sum, const cv::Scalar& color) {
        cv::line(picture, p, q, color, 2 * width_of(sum) + 1);
      });
}

}  // namespace

cv::Mat draw_alphapose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  check_picture(bgr);
  const cv::Size half_size(bgr.cols / 2, bgr.rows / 2);
  if (skeleton.joints.size() != kCocoJoints || half_size.empty()) return draw_pose(bgr, people, skeleton);
  cv::Mat half, result;
  cv::resize(bgr, half, half_size, 0, 0, cv::INTER_LINEAR);
  for (const Person& person : people) draw_person(half, person);
  cv::resize(half, result, bgr.size(), 0, 0, cv::INTER_CUBIC);
  return result;
}

cv::Mat draw_alphapose_fast(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  check_picture(bgr);
  if (skeleton.joints.size() != kCocoJoints) return draw_pose(bgr, people, skeleton);
  cv::Mat result = bgr.clone();
  for (const Person& person : people) draw_person_fast(result, person);
  return result;
}

}  // namespace pose
