// Our own drawing: what stands where, in which colour, width and order. Expected pictures are painted stroke
// by stroke.

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "output/draw.h"
#include "output/stroke.h"
#include "pose/error.h"
#include "pose/output.h"

namespace pose {
namespace {

const Skeleton& kCoco = skeleton("coco17");
const cv::Size kSize(160, 200);
const cv::Vec3f kLeftArm(10, 178, 255), kLeftLeg(20, 92, 255), kRightArm(255, 210, 70),
    kRightLeg(255, 126, 92), kMiddle(240, 240, 240);
constexpr float kSure = 0.9f;

cv::Mat ground() { return cv::Mat(kSize, CV_8UC3, cv::Scalar(60, 120, 90)); }

struct Seen {
  std::string joint;
  float x, y, score;
};

Person person_of(const std::vector<Seen>& seen) {
  Person person;
  person.joints.resize(kCoco.joints.size());
  for (const Seen& s : seen)
    for (std::size_t k = 0; k < kCoco.joints.size(); ++k)
      if (kCoco.joints[k].name == s.joint) person.joints[k] = {s.x, s.y, s.score};
  return person;
}

cv::Mat drawn(const std::vector<Seen>& seen) { return draw_pose(ground(), {person_of(seen)}, kCoco); }

/// A picture with shadows under all strokes, then limbs, then dots with white centres.
cv::Mat painted(const std::vector<Stroke>& limbs, const std::vector<StrokeEnd>& dots = {}) {
  cv::Mat picture = ground();
  std::vector<Stroke> all = limbs;
  for (const StrokeEnd& dot : dots) all.push_back({dot, dot});
  for (const Stroke& s : all)
    paint_shadow(picture, s, std::max(1.3f * std::max(s.a.radius, s.b.radius), 1.0f));
  for (const Stroke& s : limbs) paint_stroke(picture, s);
  for (StrokeEnd dot : dots) {
    paint_stroke(picture, {dot, dot});
    dot.radius *= 0.55f;
    dot.color = {255, 255, 255};
    paint_stroke(picture, {dot, dot});
  }
  return picture;
}

void expect_same(const cv::Mat& picture, const cv::Mat& expected) {
  EXPECT_GT(cv::norm(expected, ground(), cv::NORM_INF), 30) << "the expected picture is empty";
  EXPECT_LE(cv::norm(picture, expected, cv::NORM_INF), 1);
  EXPECT_LE(cv::norm(picture, expected, cv::NORM_L1), 20);
}

bool is_empty(const cv::Mat& picture) { return cv::norm(picture, ground(), cv::NORM_INF) == 0; }

StrokeEnd resized(StrokeEnd end, float factor) {
  end.radius *= factor;
  return end;
}

TEST(PoseDrawing, ALegIsAThinningLineWithDotsAndFadesWithTheScore) {
  const float r = 120 / 84.0f;  // the person is 120 pixels high
  // 0.35 is half way from a guess to a sure joint: opacity 0.3 to 0.95, width 3/4 to all.
  const StrokeEnd hip{60, 40, r, 0.95f, kLeftLeg}, knee{62, 160, r * 0.9f * 0.875f, 0.625f, kLeftLeg};
  expect_same(drawn({{"left_hip", 60, 40, kSure}, {"left_knee", 62, 160, 0.35f}}),
              painted({{hip, knee}}, {resized(hip, 1.25f), resized(knee, 1.25f)}));
}

TEST(PoseDrawing, AnkleEndsThinnerAndTheRightLegIsBlue) {
  const float r = 150 / 84.0f;
  const StrokeEnd hip{100, 20, r, 0.95f, kRightLeg}, knee{98, 90, r * 0.9f, 0.95f, kRightLeg},
      ankle{101, 170, r * 0.65f, 0.95f, kRightLeg};
  expect_same(
      drawn({{"right_hip", 100, 20, kSure}, {"right_knee", 98, 90, kSure}, {"right_ankle", 101, 170, kSure}}),
      painted({{ankle, knee}, {knee, hip}},
              {resized(hip, 1.25f), resized(knee, 1.25f), resized(ankle, 1.25f)}));
}

TEST(PoseDrawing, ASmallPersonHasNoDots) {
  const float r = 80 / 84.0f;
  const auto arm = [&](const char* side, const cv::Vec3f& color) {
    const std::string s = side;
    const StrokeEnd shoulder{50, 30, r * 0.95f, 0.95f, color}, elbow{60, 70, r * 0.85f, 0.95f, color},
        wrist{55, 110, r * 0.6f, 0.95f, color};
    expect_same(drawn({{s + "_shoulder", 50, 30, kSure},
                       {s + "_elbow", 60, 70, kSure},
                       {s + "_wrist", 55, 110, kSure}}),
                painted({{shoulder, elbow}, {elbow, wrist}}));
  };
  arm("left", kLeftArm);
  arm("right", kRightArm);
}

TEST(PoseDrawing, LinesNeverGetThinnerThanCanBeSeen) {
  const float r = 0.55f;
  const StrokeEnd hip{60, 40, r, 0.95f, kLeftLeg}, knee{70, 55, r * 0.9f, 0.95f, kLeftLeg};
  expect_same(drawn({{"left_hip", 60, 40, kSure}, {"left_knee", 70, 55, kSure}}), painted({{hip, knee}}));
}

TEST(PoseDrawing, DotsBeginAtAHundredPixels) {
  // 1.2 * 84 = 100.8.
  const auto light_at_hip = [](float height) {
    const cv::Mat picture = drawn({{"left_hip", 60, 40, kSure}, {"left_knee", 60, 40 + height, kSure}});
    return picture.at<cv::Vec3b>(40, 60)[0];
  };
  EXPECT_LT(light_at_hip(100), 110);
  EXPECT_GT(light_at_hip(102), 180) << "white in the middle of a dot";
}

TEST(PoseDrawing, ALineAcrossTheBodyChangesItsColourInTheMiddle) {
  const float r = 80 / 84.0f;
  const StrokeEnd left{110, 60, r, 0.95f, kLeftLeg}, right{30, 70, r * 0.875f, 0.625f, kRightLeg},
      middle{70, 65, r * 0.85f, 0.625f, kMiddle};
  expect_same(drawn({{"left_hip", 110, 60, kSure}, {"right_hip", 30, 70, 0.35f}}),
              painted({{left, middle}, {middle, right}}));
}

TEST(PoseDrawing, TheNeckReachesFromBetweenTheShouldersToTheNose) {
  const float r = 56 / 84.0f, face = r * 0.5f;
  const StrokeEnd left{90, 90, r * 0.95f, 0.95f, kLeftArm}, right{40, 88, r * 0.95f, 0.95f, kRightArm},
      middle{65, 89, r * 0.85f, 0.95f, kMiddle}, nose{66, 40, face, 0.95f, kMiddle},
      left_eye{70, 34, face, 0.95f, kLeftArm}, right_eye{60, 34, face, 0.95f, kRightArm},
      left_ear{80, 36, face, 0.95f, kLeftArm};
  StrokeEnd neck_a = middle, neck_b = nose;
  neck_a.radius = r * 0.6f;
  // The line between the eyes and the one from ear to shoulder are left out.
  expect_same(drawn({{"left_shoulder", 90, 90, kSure},
                     {"right_shoulder", 40, 88, kSure},
                     {"nose", 66, 40, kSure},
                     {"left_eye", 70, 34, kSure},
                     {"right_eye", 60, 34, kSure},
                     {"left_ear", 80, 36, kSure},
                     {"left_hip", 85, 94, 0.1f}}),
              painted({{left, middle},
                       {middle, right},
                       {nose, left_eye},
                       {nose, right_eye},
                       {left_eye, left_ear},
                       {neck_a, neck_b}}));
}

TEST(PoseDrawing, WithoutANoseTheNeckReachesToTheMiddleOfTheFace) {
  const float r = 56 / 84.0f, face = r * 0.5f;
  const StrokeEnd left{90, 90, r * 0.95f, 0.95f, kLeftArm}, right{40, 90, r * 0.95f, 0.95f, kRightArm},
      middle{65, 90, r * 0.85f, 0.95f, kMiddle}, left_eye{70, 34, face, 0.95f, kLeftArm},
      left_ear{80, 38, face * 0.875f, 0.625f, kLeftArm};
  const StrokeEnd neck_a{65, 90, r * 0.6f, 0.95f, kMiddle}, neck_b{75, 36, face, 0.625f, kMiddle};
  expect_same(drawn({{"left_shoulder", 90, 90, kSure},
                     {"right_shoulder", 40, 90, kSure},
                     {"left_eye", 70, 34, kSure},
                     {"left_ear", 80, 38, 0.35f}}),
              painted({{left, middle}, {middle, right}, {left_eye, left_ear}, {neck_a, neck_b}}));
}

TEST(PoseDrawing, OneShoulderHasNoNeck) {
  EXPECT_TRUE(is_empty(drawn({{"left_shoulder", 90, 90, kSure}, {"nose", 66, 40, kSure}})));
  EXPECT_TRUE(is_empty(drawn({{"left_shoulder", 90, 90, kSure}, {"left_ear", 66, 40, kSure}})));
}

TEST(PoseDrawing, DotsOnTheFaceAreSmaller) {
  const float r = 110 / 84.0f, face = r * 0.5f;
  const StrokeEnd nose{60, 20, face, 0.95f, kMiddle}, eye{66, 130, face, 0.95f, kLeftArm};
  expect_same(drawn({{"nose", 60, 20, kSure}, {"left_eye", 66, 130, kSure}}),
              painted({{nose, eye}}, {resized(nose, 1.6f), resized(eye, 1.6f)}));
}

TEST(PoseDrawing, GuessedJointsAndPlacesFarOutsideAreLeftOut) {
  const auto knee = [](float x, float y, float score) {
    return drawn({{"left_hip", 80, 100, kSure}, {"left_knee", x, y, score}});
  };
  EXPECT_TRUE(is_empty(knee(80, 150, 0.15f)));
  EXPECT_FALSE(is_empty(knee(80, 150, 0.16f)));
  EXPECT_TRUE(is_empty(knee(-160, 100, kSure)));
  EXPECT_FALSE(is_empty(knee(-159, 100, kSure)));
  EXPECT_TRUE(is_empty(knee(320, 100, kSure)));
  EXPECT_FALSE(is_empty(knee(319, 100, kSure)));
  EXPECT_TRUE(is_empty(knee(80, -200, kSure)));
  EXPECT_FALSE(is_empty(knee(80, -199, kSure)));
  EXPECT_TRUE(is_empty(knee(80, 400, kSure)));
  EXPECT_FALSE(is_empty(knee(80, 399, kSure)));
}

TEST(PoseDrawing, OnlyWhatIsOnThePictureMakesAPersonLarge) {
  const float r = 150 / 84.0f;  // from 50 to the lower border at 200
  const StrokeEnd hip{50, 50, r, 0.95f, kLeftLeg}, knee{50, 350, r * 0.9f, 0.95f, kLeftLeg};
  expect_same(drawn({{"left_hip", 50, 50, kSure}, {"left_knee", 50, 350, kSure}}),
              painted({{hip, knee}}, {resized(hip, 1.25f), resized(knee, 1.25f)}));
}

TEST(PoseDrawing, SmallPeopleArePaintedFirst) {
  const Person large = person_of({{"left_hip", 60, 20, kSure}, {"left_knee", 60, 180, kSure}});
  const Person small = person_of({{"right_hip", 40, 100, kSure}, {"right_knee", 90, 100, kSure}});
  const cv::Mat one_by_one = draw_pose(draw_pose(ground(), {small}, kCoco), {large}, kCoco);
  EXPECT_EQ(cv::norm(draw_pose(ground(), {large, small}, kCoco), one_by_one, cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(draw_pose(ground(), {small, large}, kCoco), one_by_one, cv::NORM_INF), 0);
  EXPECT_GT(
      cv::norm(draw_pose(draw_pose(ground(), {large}, kCoco), {small}, kCoco), one_by_one, cv::NORM_INF), 0);
}

TEST(PoseDrawing, PeopleWithOtherJointsAreLeftOut) {
  Person person = person_of({{"left_hip", 60, 20, kSure}, {"left_knee", 60, 180, kSure}});
  person.joints.pop_back();
  EXPECT_TRUE(is_empty(draw_pose(ground(), {person}, kCoco)));
}

TEST(DrawingStyle, EveryNameHasItsDrawing) {
  const std::vector<Person> people{person_of({{"left_hip", 60, 20, kSure}, {"left_knee", 60, 180, kSure}})};
  const auto expect_drawn_by = [&](const char* name, const cv::Mat& expected) {
    EXPECT_EQ(cv::norm(drawing_style(name).draw(ground(), people, kCoco), expected, cv::NORM_INF), 0) << name;
  };
  expect_drawn_by("pose", draw_pose(ground(), people, kCoco));
  expect_drawn_by("alphapose", draw_alphapose(ground(), people, kCoco));
  expect_drawn_by("alphapose-fast", draw_alphapose_fast(ground(), people, kCoco));
  EXPECT_THROW(drawing_style("alphapos"), Error);
}

/// AlphaPose's quick drawing of single joints: discs of radius 4 and lines of odd width.
TEST(AlphaPoseDrawing, ScoresAboveATwentiethAreDrawn) {
  const auto fast = [](const std::vector<Seen>& seen) {
    return draw_alphapose_fast(ground(), {person_of(seen)}, kCoco);
  };
  EXPECT_TRUE(is_empty(fast({{"left_knee", 60, 50, 0.05f}})));
  cv::Mat expected = ground();
  cv::circle(expected, {60, 50}, 4, cv::Scalar(191, 77, 255), cv::FILLED);
  EXPECT_EQ(cv::norm(fast({{"left_knee", 60.9f, 50.2f, 0.051f}}), expected, cv::NORM_INF), 0);
  EXPECT_TRUE(is_empty(fast({{"left_knee", 20000, 50, 0.9f}})));
  EXPECT_TRUE(is_empty(fast({{"left_knee", 60, -20000, 0.9f}})));
}

TEST(AlphaPoseDrawing, TheNeckIsBetweenTheShoulders) {
  // Only the neck (0.06) is sure enough: shoulders of 0.04 and 0.08, of which the second is drawn too.
  const cv::Mat picture = draw_alphapose_fast(
      ground(), {person_of({{"left_shoulder", 40, 100, 0.04f}, {"right_shoulder", 80, 50, 0.08f}})}, kCoco);
  cv::Mat expected = ground();
  cv::circle(expected, {80, 50}, 4, cv::Scalar(77, 255, 204), cv::FILLED);
  cv::circle(expected, {60, 75}, 4, cv::Scalar(0, 255, 255), cv::FILLED);
  EXPECT_EQ(cv::norm(picture, expected, cv::NORM_INF), 0);
}

TEST(AlphaPoseDrawing, ScoresAboveOneCoverWholly) {
  const auto at_joint = [](float score) {
    return draw_alphapose(ground(), {person_of({{"left_knee", 60, 50, score}})}, kCoco).at<cv::Vec3b>(50, 60);
  };
  EXPECT_EQ(at_joint(3), at_joint(1));
  EXPECT_NE(at_joint(0.5f), at_joint(1));
}

}  // namespace
}  // namespace pose
