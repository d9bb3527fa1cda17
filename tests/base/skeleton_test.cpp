#include "pose/skeleton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "pose/error.h"

namespace pose {
namespace {

int joint(const Skeleton& s, std::string_view name) {
  for (std::size_t k = 0; k < s.joints.size(); ++k)
    if (s.joints[k].name == name) return static_cast<int>(k);
  ADD_FAILURE() << name;
  return -1;
}

/// "left_knee" for "right_knee" and the other way round; other names stay.
std::string mirrored(std::string_view name) {
  if (name.substr(0, 5) == "left_") return "right_" + std::string(name.substr(5));
  if (name.substr(0, 6) == "right_") return "left_" + std::string(name.substr(6));
  return std::string(name);
}

TEST(Skeleton, NamesAndSidesAgree) {
  std::set<std::size_t> counts;
  for (const Skeleton& s : skeletons()) {
    EXPECT_TRUE(counts.insert(s.joints.size()).second) << s.name;
    std::set<std::string_view> names;
    for (const JointInfo& j : s.joints) {
      EXPECT_TRUE(names.insert(j.name).second) << j.name;
      const Side side = j.name.substr(0, 5) == "left_"    ? Side::kLeft
                        : j.name.substr(0, 6) == "right_" ? Side::kRight
                                                          : Side::kMiddle;
      EXPECT_EQ(j.side, side) << j.name;
    }
  }
  EXPECT_EQ(skeleton("coco17").joints.size(), 17u);
  EXPECT_EQ(skeleton("mpii16").joints.size(), 16u);
  EXPECT_THROW(skeleton("coco18"), Error);
}

TEST(Skeleton, JointsStandWhereTheDataSetsHaveThem) {
  const Skeleton& coco = skeleton("coco17");
  EXPECT_EQ(joint(coco, "nose"), 0);
  EXPECT_EQ(joint(coco, "right_ear"), 4);
  EXPECT_EQ(joint(coco, "left_shoulder"), 5);
  EXPECT_EQ(joint(coco, "right_wrist"), 10);
  EXPECT_EQ(joint(coco, "left_hip"), 11);
  EXPECT_EQ(joint(coco, "right_ankle"), 16);
  const Skeleton& mpii = skeleton("mpii16");
  EXPECT_EQ(joint(mpii, "right_ankle"), 0);
  EXPECT_EQ(joint(mpii, "left_hip"), 3);
  EXPECT_EQ(joint(mpii, "pelvis"), 6);
  EXPECT_EQ(joint(mpii, "head_top"), 9);
  EXPECT_EQ(joint(mpii, "right_wrist"), 10);
  EXPECT_EQ(joint(mpii, "left_wrist"), 15);
}

TEST(Skeleton, EveryJointOfASideHasItsMirrorImageOnce) {
  for (const Skeleton& s : skeletons()) {
    std::set<int> paired;
    for (const auto& [a, b] : s.mirror_pairs) {
      EXPECT_EQ(joint(s, mirrored(s.joints.at(static_cast<std::size_t>(a)).name)), b);
      EXPECT_TRUE(paired.insert(a).second && paired.insert(b).second);
    }
    for (std::size_t k = 0; k < s.joints.size(); ++k)
      EXPECT_EQ(paired.count(static_cast<int>(k)) == 1, s.joints[k].side != Side::kMiddle);
  }
}

/// The limbs of a mirrored person are the same limbs.
TEST(Skeleton, LimbsAreSymmetricAndJoinEverything) {
  for (const Skeleton& s : skeletons()) {
    std::set<std::set<int>> limbs;
    for (const auto& [a, b] : s.limbs) {
      EXPECT_NE(a, b);
      EXPECT_TRUE(limbs.insert({a, b}).second) << a << " " << b;
    }
    std::set<int> reached{0};
    for (const auto& [a, b] : s.limbs) {
      const auto image = [&](int k) {
        return joint(s, mirrored(s.joints.at(static_cast<std::size_t>(k)).name));
      };
      EXPECT_TRUE(limbs.count({image(a), image(b)})) << s.name << " " << a << " " << b;
    }
    for (std::size_t round = 0; round < s.limbs.size(); ++round)
      for (const auto& [a, b] : s.limbs)
        if (reached.count(a) || reached.count(b)) reached.insert({a, b});
    EXPECT_EQ(reached.size(), s.joints.size());
  }
  EXPECT_EQ(skeleton("coco17").limbs.size(), 19u);
  EXPECT_EQ(skeleton("mpii16").limbs.size(), 15u);
}

TEST(Skeleton, LimbsAreThoseOfABody) {
  for (const Skeleton& s : skeletons())
    for (const auto& [from, to] : {std::pair{"left_ankle", "left_knee"},
                                   {"left_knee", "left_hip"},
                                   {"left_shoulder", "left_elbow"},
                                   {"left_elbow", "left_wrist"}}) {
      const std::pair<int, int> limb{joint(s, from), joint(s, to)}, back{limb.second, limb.first};
      EXPECT_TRUE(std::count(s.limbs.begin(), s.limbs.end(), limb) +
                  std::count(s.limbs.begin(), s.limbs.end(), back))
          << from;
    }
}

TEST(Skeleton, TolerancesAreCocosConstants) {
  const std::pair<const char*, double> known[] = {
      {"nose", .026},          {"left_eye", .025},   {"left_ear", .035},
      {"left_shoulder", .079}, {"left_elbow", .072}, {"left_wrist", .062},
      {"left_hip", .107},      {"left_knee", .087},  {"left_ankle", .089}};
  const Skeleton& coco = skeleton("coco17");
  const auto sigma = [&](const std::string& name) {
    return coco.joints[static_cast<std::size_t>(joint(coco, name))].oks_sigma;
  };
  for (const auto& [name, value] : known) {
    EXPECT_NEAR(sigma(name), value, 1e-12) << name;
    EXPECT_EQ(sigma(name), sigma(mirrored(name))) << name;
  }
  for (const JointInfo& j : skeleton("mpii16").joints) EXPECT_EQ(j.oks_sigma, 0.08) << j.name;
}

}  // namespace
}  // namespace pose
