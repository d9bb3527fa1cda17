#include <gtest/gtest.h>

#include <limits>
#include <opencv2/core.hpp>

#include "pose/error.h"
#include "pose/output.h"

namespace pose {
namespace {

const cv::Scalar kGround(60, 120, 90);

Detection box(float x1, float y1, float x2, float y2, float score) {
  return {{x1, y1, x2, y2}, score, score, 0};
}

bool is_ground(const cv::Mat& picture, int x, int y) {
  return picture.at<cv::Vec3b>(y, x) == cv::Vec3b(60, 120, 90);
}

TEST(DrawBoxes, OutlinesAreWhereTheBoxesAre) {
  const cv::Mat ground(100, 120, CV_8UC3, kGround);
  const cv::Mat drawn = draw_boxes(ground, {box(20, 30, 80, 70, 1)});
  EXPECT_EQ(cv::norm(ground, cv::Mat(100, 120, CV_8UC3, kGround), cv::NORM_INF), 0) << "is left alone";
  for (const cv::Point& p : {cv::Point(20, 50), cv::Point(79, 50), cv::Point(50, 30), cv::Point(50, 69)})
    EXPECT_FALSE(is_ground(drawn, p.x, p.y)) << p;
  for (const cv::Point& p : {cv::Point(50, 50), cv::Point(10, 50), cv::Point(90, 50), cv::Point(50, 15)})
    EXPECT_TRUE(is_ground(drawn, p.x, p.y)) << p;
  EXPECT_GT(drawn.at<cv::Vec3b>(50, 20)[2], 150) << "orange";
}

TEST(DrawBoxes, TheSurerTheStronger) {
  const cv::Mat ground(100, 100, CV_8UC3, kGround);
  const cv::Mat sure = draw_boxes(ground, {box(20, 20, 80, 80, 0.95f)});
  const cv::Mat guess = draw_boxes(ground, {box(20, 20, 80, 80, 0.1f)});
  EXPECT_GT(sure.at<cv::Vec3b>(50, 20)[2], guess.at<cv::Vec3b>(50, 20)[2] + 30);
}

TEST(DrawBoxes, BoxesBesideThePictureDoNoHarm) {
  const cv::Mat ground(50, 50, CV_8UC3, kGround);
  const float far = std::numeric_limits<float>::max();
  EXPECT_EQ(draw_boxes(ground, {box(-far, -far, far, far, 1), box(60, 60, 70, 70, 2)}).size(), ground.size());
  EXPECT_EQ(cv::norm(draw_boxes(ground, {}), ground, cv::NORM_INF), 0);
  EXPECT_THROW(draw_boxes(cv::Mat(), {}), Error);
}

}  // namespace
}  // namespace pose
