#include "output/draw.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "pose/error.h"
#include "pose/output.h"
#include "support/files.h"
#include "support/seeded.h"

namespace pose {
namespace {

using nlohmann::json;

void expect_picture(const cv::Mat& picture, const json& expected, const std::string& what) {
  double sum = 0, sum_sq = 0;
  const std::size_t bytes = picture.total() * 3;
  for (std::size_t i = 0; i < bytes; ++i) {
    sum += picture.data[i];
    sum_sq += double{picture.data[i] * 1.0} * picture.data[i];
  }
  EXPECT_EQ(sum, expected["sum"].get<double>()) << what;
  EXPECT_EQ(sum_sq, expected["sum_sq"].get<double>()) << what;
  for (const auto& s : expected["samples"])
    EXPECT_EQ(picture.data[s[0].get<std::size_t>()], s[1].get<int>()) << what;
}

TEST(AlphaPoseDrawing, PicturesAreTheReferences) {
  const json golden = test::golden("vis.json");
  const int width = golden["width"], height = golden["height"];
  std::vector<std::uint8_t> noise =
      test::seeded_picture(golden["image_key"].get<std::string>(), width, height);
  const cv::Mat noisy(height, width, CV_8UC3, noise.data());
  const cv::Mat flat(height, width, CV_8UC3,
                     cv::Scalar(golden["flat_bgr"][0].get<double>(), golden["flat_bgr"][1].get<double>(),
                                golden["flat_bgr"][2].get<double>()));
  for (const json& c : golden["cases"]) {
    const std::string name = c["name"];
    const cv::Mat& picture = name.rfind("flat", 0) == 0 ? flat : noisy;
    std::vector<Person> people;
    for (const json& p : c["people"]) {
      people.emplace_back();
      for (std::size_t k = 0; k < 17; ++k)
        people.back().joints.push_back({p["keypoints"][k][0], p["keypoints"][k][1], p["kp_score"][k]});
    }
    expect_picture(draw_alphapose(picture, people, skeleton("coco17")), c["vis_frame"], name);
    expect_picture(draw_alphapose_fast(picture, people, skeleton("coco17")), c["vis_frame_fast"],
                   name + ", fast");
  }
}

TEST(Drawing, StrangePlacesAndTinyPicturesAreSurvived) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const char* name : {"coco17", "mpii16"}) {
    const Skeleton& s = skeleton(name);
    for (const float x : {nan, inf, -inf, 1e30f, -1e30f, -5.0f, 0.0f, 3e4f}) {
      Person person;
      for (std::size_t k = 0; k < s.joints.size(); ++k)
        person.joints.push_back({k % 2 ? x : 10.0f, k % 3 ? x : 20.0f, k % 5 ? 0.9f : x});
      for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 500), cv::Size(64, 48)}) {
        const cv::Mat picture(size, CV_8UC3, cv::Scalar(9, 9, 9));
        for (const auto draw : {&draw_pose, &draw_alphapose, &draw_alphapose_fast})
          EXPECT_EQ(draw(picture, {person, person}, s).size(), size);
      }
    }
  }
}

Person standing_at(float x, float y) {
  Person person;
  for (int k = 0; k < 17; ++k)
    person.joints.push_back({x + static_cast<float>(7 * k % 40), y + 6 * static_cast<float>(k), 0.9f});
  return person;
}

// Far out in a panorama a person is drawn as in a picture of usual size.
TEST(Drawing, PanoramasAreDrawnLikeUsualPictures) {
  for (const auto draw : {&draw_pose, &draw_alphapose, &draw_alphapose_fast})
    for (const bool upright : {false, true}) {
      constexpr int kFar = 38'000;
      const cv::Size far_size = upright ? cv::Size(300, 40'000) : cv::Size(40'000, 300);
      const cv::Rect part = upright ? cv::Rect(0, kFar, 300, 300) : cv::Rect(kFar, 0, 300, 300);
      const cv::Mat near(300, 300, CV_8UC3, cv::Scalar(50, 60, 70)),
          far(far_size, CV_8UC3, cv::Scalar(50, 60, 70));
      const cv::Mat near_drawn = draw(near, {standing_at(100, 100)}, skeleton("coco17"));
      const Person person = standing_at(100 + static_cast<float>(part.x), 100 + static_cast<float>(part.y));
      const cv::Mat far_drawn = draw(far, {person}, skeleton("coco17"));
      ASSERT_EQ(far_drawn.size(), far_size);
      EXPECT_GT(cv::norm(near_drawn, near, cv::NORM_INF), 50);
      EXPECT_LE(cv::norm(far_drawn(part), near_drawn, cv::NORM_INF), 1);
    }
}

TEST(Drawing, WhatIsNoPictureIsAUsageError) {
  for (const cv::Mat& picture : {cv::Mat(), cv::Mat(9, 9, CV_8UC1), cv::Mat(9, 9, CV_8UC4),
                                 cv::Mat(9, 9, CV_32FC3), cv::Mat(0, 9, CV_8UC3)})
    for (const char* name : {"pose", "alphapose", "alphapose-fast"}) {
      try {
        drawing_style(name).draw(picture, {standing_at(1, 1)}, skeleton("coco17"));
        ADD_FAILURE() << name << " drew";
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::kUsage);
      }
    }
}

TEST(Drawing, PeopleOfAnotherSkeletonAreLeftOut) {
  const cv::Mat picture(200, 300, CV_8UC3, cv::Scalar(10, 20, 30));
  Person short_one = standing_at(100, 50);
  short_one.joints.resize(5);
  for (const auto draw : {&draw_pose, &draw_alphapose_fast})
    EXPECT_EQ(cv::norm(draw(picture, {short_one}, skeleton("coco17")), picture, cv::NORM_INF), 0);
}

TEST(PoseDrawing, LeavesTheInputAndEverythingFarFromPeopleAlone) {
  const cv::Mat picture(200, 300, CV_8UC3, cv::Scalar(10, 20, 30));
  Person person;
  for (int k = 0; k < 17; ++k)
    person.joints.push_back({20.0f + 2 * static_cast<float>(k), 30.0f + 4 * static_cast<float>(k), 0.9f});
  const cv::Mat drawn = draw_pose(picture, {person}, skeleton("coco17"));
  EXPECT_EQ(cv::norm(picture, cv::Mat(200, 300, CV_8UC3, cv::Scalar(10, 20, 30)), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(drawn(cv::Rect(0, 0, 100, 150)), picture(cv::Rect(0, 0, 100, 150)), cv::NORM_INF), 50);
  EXPECT_EQ(cv::norm(drawn(cv::Rect(150, 0, 150, 200)), picture(cv::Rect(150, 0, 150, 200)), cv::NORM_INF),
            0);
}

}  // namespace
}  // namespace pose
