// Errors of single joints, PCK and the drawing, on people whose numbers are easily reckoned by hand.

#include "evaluate/joint_errors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evaluate/plot.h"

namespace pose {
namespace {

constexpr double kArea = 10000;
constexpr std::size_t kNose = 0, kLeftEye = 1, kLeftWrist = 9, kRightWrist = 10;

/// Pixels from a joint at which its likeness is `likeness`.
double pixels(std::size_t joint, double likeness, const char* name = "coco17") {
  return 2 * skeleton(name).joints[joint].oks_sigma * std::sqrt(2 * kArea * -std::log(likeness));
}

/// A person whose joints stand 40 pixels apart on a line from `x`, `y`.
TruePerson person(int photo, double x, double y, const char* name = "coco17") {
  TruePerson result;
  result.id = 1;
  result.photo = photo;
  result.labelled = static_cast<int>(skeleton(name).joints.size());
  for (int j = 0; j < result.labelled; ++j) result.joints.insert(result.joints.end(), {x + 40.0 * j, y, 2});
  result.box = {x, y, 200, 100};
  result.area = kArea;
  return result;
}

/// Two people on one photo, and both of them found where they are.
struct Scene {
  explicit Scene(const char* name = "coco17") {
    truth.file = "gt.json";
    truth.skeleton = &skeleton(name);
    truth.photos = {{1, "a.jpg"}};
    truth.people = {person(0, 100, 100, name), person(0, 100, 900, name)};
    for (const TruePerson& one : truth.people) {
      found.photos.push_back(0);
      found.scores.push_back(0.5);
      found.joints.insert(found.joints.end(), one.joints.begin(), one.joints.end());
    }
  }

  double& x(std::size_t person, std::size_t joint) {
    return found.joints[3 * (person * truth.skeleton->joints.size() + joint)];
  }
  double& y(std::size_t person, std::size_t joint) { return *(&x(person, joint) + 1); }
  std::vector<JointErrors> errors() const { return joint_errors(truth, pair_people(truth, found)); }

  GroundTruth truth;
  FoundPeople found;
};

TEST(JointErrors, WhatIsRightIsGood) {
  for (const JointErrors& joint : Scene().errors()) {
    EXPECT_EQ(joint.labelled, 2u);
    EXPECT_EQ(joint.good, 2u);
    EXPECT_EQ(joint.distance, 0);
  }
}

TEST(JointErrors, GoodJitterAndMissedByLikeness) {
  Scene scene;
  scene.y(0, kNose) += pixels(kNose, 0.86);
  scene.y(0, kLeftEye) += pixels(kLeftEye, 0.84);
  scene.y(1, kLeftEye) += pixels(kLeftEye, 0.51);
  scene.y(0, kLeftWrist) += pixels(kLeftWrist, 0.49);
  const std::vector<JointErrors> errors = scene.errors();
  EXPECT_EQ(errors[kNose].good, 2u);
  EXPECT_EQ(errors[kLeftEye].jitter, 2u);
  EXPECT_EQ(errors[kLeftWrist].missed, 1u);
  EXPECT_EQ(errors[kLeftWrist].good, 1u);
  EXPECT_NEAR(errors[kNose].distance, pixels(kNose, 0.86) / 100 / 2, 1e-12)
      << "mean of two, root of the area is 100";
}

TEST(JointErrors, TheOtherSidesPlaceIsInverted) {
  Scene scene;
  std::swap(scene.x(0, kLeftWrist), scene.x(0, kRightWrist));
  const std::vector<JointErrors> errors = scene.errors();
  EXPECT_EQ(errors[kLeftWrist].inverted, 1u);
  EXPECT_EQ(errors[kRightWrist].inverted, 1u);
  scene.truth.people[0].joints[3 * kRightWrist + 2] = 0;  // nobody knows where the other side is
  EXPECT_EQ(scene.errors()[kLeftWrist].missed, 1u);
}

TEST(JointErrors, AnothersPlaceIsSwapped) {
  Scene scene;
  scene.y(0, kNose) = 900;
  scene.x(0, kLeftWrist) = scene.x(1, kRightWrist);
  scene.y(0, kLeftWrist) = 900;
  const std::vector<JointErrors> errors = scene.errors();
  EXPECT_EQ(errors[kNose].swapped, 1u);
  EXPECT_EQ(errors[kLeftWrist].swapped, 1u);
}

TEST(JointErrors, PeopleArePairedOnceAndFromAnOksOfATenth) {
  Scene scene;
  for (std::size_t j = 0; j < 17; ++j) scene.y(1, j) = 100;  // both are found where the first is
  std::vector<Pair> pairs = pair_people(scene.truth, scene.found);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].found, scene.found.joints.data()) << "equal scores: the earlier";
  EXPECT_EQ(pairs[1].found, nullptr);
  scene.found.scores[1] = 0.6;
  EXPECT_EQ(pair_people(scene.truth, scene.found)[0].found, scene.found.joints.data() + 51);
  scene.truth.people[0].crowd = scene.truth.people[0].ignored = true;
  pairs = pair_people(scene.truth, scene.found);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].found, nullptr);
}

TEST(Pck, IsOfTheBoxsGreaterSide) {
  Scene scene;
  scene.x(0, kNose) += 99;  // of 200
  scene.x(1, kNose) += 101;
  std::vector<JointErrors> joints = scene.errors();
  std::vector<std::string> notes;
  const Metric pck = measure_pck(scene.truth, pair_people(scene.truth, scene.found), 0.5, joints, notes);
  EXPECT_EQ(pck.name, "PCK");
  EXPECT_EQ(joints[kNose].pck, 0.5);
  EXPECT_EQ(joints[kLeftEye].pck, 1);
  EXPECT_NEAR(pck.value, 33.0 / 34, 1e-12);
  EXPECT_TRUE(notes.empty());
}

TEST(Pck, OfMpiiIsOfTheHeadWithoutPelvisAndThorax) {
  constexpr std::size_t kPelvis = 6, kThorax = 7, kTop = 9;
  Scene scene("mpii16");
  scene.truth.people[0].head_box = {0, 0, 60, 80};  // 0.6 of the diagonal: 60
  scene.truth.people[1].joints[3 * kTop + 2] = 0;   // neither box nor both joints
  scene.x(0, 0) += 29;
  scene.x(0, 1) += 31;
  scene.x(0, kPelvis) += 500;
  scene.x(0, kThorax) += 500;
  std::vector<JointErrors> joints = scene.errors();
  std::vector<std::string> notes;
  const std::vector<Pair> pairs = pair_people(scene.truth, scene.found);
  const Metric pck = measure_pck(scene.truth, pairs, 0.5, joints, notes);
  EXPECT_EQ(pck.name, "PCKh");
  EXPECT_EQ(joints[0].pck, 1);
  EXPECT_EQ(joints[1].pck, 0);
  EXPECT_EQ(joints[kPelvis].pck, 0);
  EXPECT_NEAR(pck.value, 13.0 / 14, 1e-12);
  ASSERT_EQ(notes.size(), 1u);
  scene.truth.people[0].head_box.reset();  // neck and top are 40 apart
  measure_pck(scene.truth, pairs, 0.5, joints, notes);
  EXPECT_EQ(joints[0].pck, 0);
}

TEST(Pck, WhoWasNotFoundHasNoJointRight) {
  Scene scene;
  for (std::size_t j = 0; j < 17; ++j) scene.y(1, j) = 2000;
  std::vector<JointErrors> joints = scene.errors();
  std::vector<std::string> notes;
  EXPECT_EQ(measure_pck(scene.truth, pair_people(scene.truth, scene.found), 0.5, joints, notes).value, 0.5);
}

TEST(Plot, DrawsACurveForEachThresholdWithItsMean) {
  Evaluation evaluation;
  evaluation.curves = {{0.5, std::vector<double>(101, 1.0)}, {0.75, std::vector<double>(101, 0.25)}};
  const std::string plot = precision_plot(evaluation);
  EXPECT_EQ(plot.substr(0, 5), "<svg ");
  EXPECT_NE(plot.find(">OKS 0.50: 1.00</text>"), std::string::npos) << plot;
  EXPECT_NE(plot.find(">OKS 0.75: 0.25</text>"), std::string::npos);
  EXPECT_NE(plot.find("points=\"60,40 64,40 "), std::string::npos) << "recall 0 and 0.01 at precision 1";
  EXPECT_NE(plot.find("460,340\"/>"), std::string::npos) << "recall 1 at precision 0.25";
}

}  // namespace
}  // namespace pose
