// Strokes against their definition, worked out for every pixel of the picture.

#include "output/stroke.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>

namespace pose {
namespace {

constexpr double kWidth = 40, kHeight = 30;
const cv::Scalar kGround(40, 90, 140);

/// Where a pixel lies: how far along the stroke, how far from its middle line, how thick it is there.
struct Place {
  double along, distance, radius;
};

Place place_of(const Stroke& s, double x, double y) {
  const double dx = double{s.b.x} - s.a.x, dy = double{s.b.y} - s.a.y, length_sq = dx * dx + dy * dy;
  const double t =
      length_sq > 0 ? std::clamp(((x - s.a.x) * dx + (y - s.a.y) * dy) / length_sq, 0.0, 1.0) : 0.0;
  return {t, std::hypot(x - s.a.x - t * dx, y - s.a.y - t * dy), s.a.radius + t * (s.b.radius - s.a.radius)};
}

/// Blends `color(place)` with `opacity(place)` over every pixel.
cv::Mat defined(const Stroke& s, const std::function<cv::Vec3d(const Place&)>& color,
                const std::function<double(const Place&)>& opacity) {
  cv::Mat picture(static_cast<int>(kHeight), static_cast<int>(kWidth), CV_8UC3, kGround);
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const Place at = place_of(s, x, y);
      const double t = std::max(opacity(at), 0.0);
      for (int c = 0; c < 3; ++c) {
        const double value = kGround[c] + (color(at)[c] - kGround[c]) * t;
        picture.at<cv::Vec3b>(y, x)[c] = static_cast<std::uint8_t>(value + 0.5);
      }
    }
  return picture;
}

/// Numbers of the pictures that are not the same.
int differing(const cv::Mat& a, const cv::Mat& b) {
  const cv::Mat other = a != b;
  return cv::countNonZero(other.reshape(1));
}

double along(double a, double b, const Place& at) { return a + at.along * (b - a); }

void expect_stroke(const Stroke& s, const char* what) {
  cv::Mat painted(static_cast<int>(kHeight), static_cast<int>(kWidth), CV_8UC3, kGround);
  paint_stroke(painted, s);
  const cv::Mat expected = defined(
      s,
      [&](const Place& at) {
        const double inward = 1 - at.distance / (at.radius + 0.5), light = 0.22 * inward * inward;
        cv::Vec3d color;
        for (int c = 0; c < 3; ++c) {
          const double own = along(s.a.color[c], s.b.color[c], at);
          color[c] = own + (255 - own) * light;
        }
        return color;
      },
      [&](const Place& at) {
        const double edge = std::clamp(at.radius + 0.5 - at.distance, 0.0, 1.0);
        return edge * std::min(2 * at.radius, 1.0) * along(s.a.opacity, s.b.opacity, at);
      });
  EXPECT_LE(cv::norm(painted, expected, cv::NORM_INF), 1) << what;
  EXPECT_LE(differing(painted, expected), 8) << what << ": more than roundings";
}

void expect_shadow(const Stroke& s, float reach, const char* what) {
  cv::Mat painted(static_cast<int>(kHeight), static_cast<int>(kWidth), CV_8UC3, kGround);
  paint_shadow(painted, s, reach);
  const cv::Mat expected = defined(
      s, [](const Place&) { return cv::Vec3d(12, 10, 8); },
      [&](const Place& at) {
        const double rest = std::clamp((at.radius + reach - at.distance) / reach, 0.0, 1.0);
        return 0.55 * rest * rest * (3 - 2 * rest) * along(s.a.opacity, s.b.opacity, at);
      });
  EXPECT_LE(cv::norm(painted, expected, cv::NORM_INF), 1) << what;
  EXPECT_LE(differing(painted, expected), 8) << what << ": more than roundings";
}

struct Case {
  const char* what;
  Stroke stroke;
};

std::vector<Case> cases() {
  const cv::Vec3f warm(20, 92, 255), cool(255, 126, 92);
  return {{"slanted, growing and fading", {{8.3f, 6.1f, 1.5f, 0.9f, warm}, {30.7f, 22.4f, 4, 0.4f, cool}}},
          {"falling to the left", {{31, 5, 2, 1, warm}, {6.5f, 25, 2, 1, warm}}},
          {"steep", {{20, 3, 2.5f, 0.8f, warm}, {22, 27, 1, 1, cool}}},
          {"level", {{5, 15.25f, 3, 1, cool}, {34, 15.25f, 3, 1, cool}}},
          {"upright", {{17, 27, 2, 1, cool}, {17, 4, 3, 1, warm}}},
          {"thinner than a pixel", {{5, 5, 0.3f, 1, warm}, {30, 24, 0.2f, 1, warm}}},
          {"a disc", {{20.3f, 14.6f, 5, 0.75f, warm}, {20.3f, 14.6f, 5, 0.75f, warm}}},
          {"over the left and upper border", {{-9, -6, 6, 1, warm}, {12, 9, 3, 1, cool}}},
          {"over the right and lower border", {{30, 20, 3, 1, warm}, {60, 41, 8, 1, cool}}},
          {"outside", {{60, 50, 3, 1, warm}, {80, -50, 3, 1, cool}}}};
}

TEST(Stroke, EveryPixelIsThatOfTheDefinition) {
  for (const Case& c : cases()) expect_stroke(c.stroke, c.what);
}

TEST(Shadow, EveryPixelIsThatOfTheDefinition) {
  for (const Case& c : cases())
    for (const float reach : {1.0f, 4.5f}) expect_shadow(c.stroke, reach, c.what);
}

TEST(Stroke, CoversTheMiddleWithItsOwnColourALittleLighter) {
  cv::Mat picture(30, 40, CV_8UC3, kGround);
  paint_stroke(picture, {{5, 15, 4, 1, {0, 0, 200}}, {34, 15, 4, 1, {0, 0, 200}}});
  EXPECT_EQ(picture.at<cv::Vec3b>(15, 20), cv::Vec3b(56, 56, 212));
  EXPECT_EQ(picture.at<cv::Vec3b>(21, 20), cv::Vec3b(40, 90, 140)) << "beside it";
}

}  // namespace
}  // namespace pose
