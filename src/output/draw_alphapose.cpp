// AlphaPose's two ways of drawing, pixel for pixel. Source: alphapose.md 8.2.

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

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
  static const std::array<cv::Scalar, 18> all{
      {{0, 255, 255},  {0, 191, 255},  {0, 255, 102},  {0, 77, 255},   {0, 255, 0},    {77, 255, 255},
       {77, 255, 204}, {77, 204, 255}, {191, 255, 77}, {77, 191, 255}, {191, 255, 77}, {204, 77, 255},
       {77, 255, 204}, {191, 77, 255}, {77, 255, 191}, {127, 77, 255}, {77, 255, 127}, {0, 255, 255}}};
  return all;
}

constexpr float kLeastScore = 0.05f;
constexpr std::size_t kCocoJoints = 17;

/// Places far outside the picture would overflow OpenCV's fixed-point drawing.
int to_pixel(double value) { return static_cast<int>(std::clamp(std::isnan(value) ? 0.0 : value, -20000.0, 20000.0)); }

std::vector<Joint> with_neck(const Person& person) {
  std::vector<Joint> joints = person.joints;
  const Joint &a = joints[5], &b = joints[6];
  joints.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2, (a.score + b.score) / 2});
  return joints;
}

bool visible(const Joint& joint) { return joint.score > kLeastScore; }

cv::Point place(const Joint& joint) { return {to_pixel(joint.x), to_pixel(joint.y)}; }

void blend(const cv::Mat& drawn, cv::Mat& picture, double weight) {
  const double t = std::clamp(weight, 0.0, 1.0);
  cv::addWeighted(drawn, t, picture, 1 - t, 0, picture);
}

void draw_limb(cv::Mat& picture, const cv::Point& p, const cv::Point& q, float sum, const cv::Scalar& color) {
  const double mean_x = (p.x + q.x) / 2.0, mean_y = (p.y + q.y) / 2.0;
  const double length = std::hypot(p.y - q.y, p.x - q.x);
  const double angle = std::atan2(p.y - q.y, p.x - q.x) * 180.0 / CV_PI;
  std::vector<cv::Point> polygon;
  cv::ellipse2Poly({static_cast<int>(mean_x), static_cast<int>(mean_y)},
                   {static_cast<int>(length / 2), std::max(static_cast<int>(sum + 1), 0)}, static_cast<int>(angle), 0,
                   360, 1, polygon);
  cv::Mat copy = picture.clone();
  cv::fillConvexPoly(copy, polygon, color);
  blend(copy, picture, 0.5 * sum);
}

void draw_person(cv::Mat& half, const Person& person) {
  const std::vector<Joint> joints = with_neck(person);
  const auto half_place = [&](std::size_t k) {
    const cv::Point p = place(joints[k]);
    return cv::Point(p.x / 2, p.y / 2);
  };
  for (std::size_t k = 0; k < joints.size(); ++k) {
    if (!visible(joints[k])) continue;
    cv::Mat copy = half.clone();
    cv::circle(copy, half_place(k), 2, joint_colors()[k], cv::FILLED);
    blend(copy, half, joints[k].score);
  }
  for (const Limb& limb : limbs()) {
    const Joint &a = joints[static_cast<std::size_t>(limb.a)], &b = joints[static_cast<std::size_t>(limb.b)];
    if (visible(a) && visible(b))
      draw_limb(half, half_place(static_cast<std::size_t>(limb.a)), half_place(static_cast<std::size_t>(limb.b)),
                a.score + b.score, limb.color);
  }
}

void draw_person_fast(cv::Mat& picture, const Person& person) {
  const std::vector<Joint> joints = with_neck(person);
  for (std::size_t k = 0; k < joints.size(); ++k)
    if (visible(joints[k])) cv::circle(picture, place(joints[k]), 4, joint_colors()[k], cv::FILLED);
  for (const Limb& limb : limbs()) {
    const Joint &a = joints[static_cast<std::size_t>(limb.a)], &b = joints[static_cast<std::size_t>(limb.b)];
    if (!visible(a) || !visible(b)) continue;
    const int thickness = 2 * static_cast<int>(std::min(a.score + b.score, 1000.0f)) + 1;
    cv::line(picture, place(a), place(b), limb.color, thickness);
  }
}

}  // namespace

cv::Mat draw_alphapose(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  const cv::Size half_size(bgr.cols / 2, bgr.rows / 2);
  if (skeleton.joints.size() != kCocoJoints || half_size.empty()) return draw_pose(bgr, people, skeleton);
  cv::Mat half, result;
  cv::resize(bgr, half, half_size, 0, 0, cv::INTER_LINEAR);
  for (const Person& person : people) draw_person(half, person);
  cv::resize(half, result, bgr.size(), 0, 0, cv::INTER_CUBIC);
  return result;
}

cv::Mat draw_alphapose_fast(const cv::Mat& bgr, const std::vector<Person>& people, const Skeleton& skeleton) {
  if (skeleton.joints.size() != kCocoJoints) return draw_pose(bgr, people, skeleton);
  cv::Mat result = bgr.clone();
  for (const Person& person : people) draw_person_fast(result, person);
  return result;
}

}  // namespace pose
