#include "pose/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

/// A person 100 pixels wide and 200 high at `x`, joints at different heights.
Person person_at(float x, std::size_t joints = 17) {
  Person person;
  person.score = 2;
  person.detection.box = {x, 0, x + 100, 200};
  for (std::size_t k = 0; k < joints; ++k) {
    const auto step = static_cast<float>(k);
    person.joints.push_back({x + 5 * step + 1, 12 * step + 1, 0.5f});
  }
  return person;
}

PhotoPeople photo(const std::string& name, std::vector<Person> people) {
  PhotoPeople result;
  result.name = name;
  result.people = std::move(people);
  return result;
}

Results results(std::vector<PhotoPeople> photos) {
  Results made;
  made.form = "coco";
  made.skeleton = "coco17";
  for (const JointInfo& joint : skeleton("coco17").joints) made.joint_names.emplace_back(joint.name);
  made.photos = std::move(photos);
  return made;
}

Results one_person() { return results({photo("a.jpg", {person_at(10)})}); }

Comparison compare(const Results& a, const Results& b) { return compare_results(a, b, {}); }

/// "kind photo person joint side" of every difference.
std::vector<std::string> summary(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const Difference& d : comparison.differences)
    lines.push_back(d.kind + " " + d.photo + " " + std::to_string(d.person) + " " + d.joint +
                    (d.only_in ? std::string(1, d.only_in) : ""));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Compare, TheSameIsTheSame) {
  const Comparison same = compare(one_person(), one_person());
  EXPECT_TRUE(same.same());
  EXPECT_EQ(same.photos, 1u);
  EXPECT_EQ(same.people, 1u);
  EXPECT_EQ(same.joints, 17u);
  EXPECT_EQ(describe(same, 5),
            "1 photo, 1 person, 17 joints compared: the same, joints at most 0 px apart\n");
  EXPECT_TRUE(compare(results({}), results({})).same());
}

TEST(Compare, AJointThatMovedIsNamedWithItsDistance) {
  Results moved = one_person();
  moved.photos[0].people[0].joints[13].x += 3;
  moved.photos[0].people[0].joints[13].y += 4;
  moved.photos[0].people[0].joints[0].x += 0.0625f;
  const Comparison comparison = compare(one_person(), moved);
  EXPECT_EQ(summary(comparison), Lines{"joint a.jpg 1 left_knee"});
  EXPECT_EQ(comparison.differences[0].amount, 5);
  EXPECT_EQ(comparison.farthest_px, 5);
  EXPECT_EQ(describe(comparison, 5).substr(0, 64),
            "a.jpg, person 1, left_knee: moved by 5 px (tolerance 0.1)\n1 phot");
}

TEST(Compare, TolerancesAreWhatIsAllowed) {
  Results moved = one_person();
  Person& person = moved.photos[0].people[0];
  person.joints[13].x += 5;
  person.joints[12].score += 0.25f;
  person.score += 0.5;
  person.detection.box.x2 += 100;
  const auto with = [&](double px, double share, double score, double iou, double least) {
    CompareOptions options;
    options.tolerance_px = px;
    options.tolerance_share = share;
    options.tolerance_score = score;
    options.tolerance_iou = iou;
    options.min_score = least;
    return summary(compare_results(one_person(), moved, options));
  };
  EXPECT_EQ(with(5, 0, 0.5, 0.5, -1), Lines{});
  EXPECT_EQ(with(4.9, 0, 0.5, 0.5, -1), Lines{"joint a.jpg 1 left_knee"});
  EXPECT_EQ(with(0, 0.036, 0.5, 0.5, -1), Lines{}) << "141 pixels is the person's size";
  EXPECT_EQ(with(0, 0.035, 0.5, 0.5, -1), Lines{"joint a.jpg 1 left_knee"});
  EXPECT_EQ(with(5, 0, 0.4, 0.5, -1), Lines{"score a.jpg 1 "});
  EXPECT_EQ(with(5, 0, 0.2, 0.5, -1), (Lines{"score a.jpg 1 ", "joint_score a.jpg 1 right_hip"}));
  EXPECT_EQ(with(5, 0, 0.5, 0.51, -1), Lines{"box a.jpg 1 "});
  EXPECT_EQ(with(0, 0, 0.5, 0.5, 0.6), Lines{}) << "no joint is that sure";
  EXPECT_EQ(with(0, 0, 0.5, 0.5, 0.5), Lines{"joint a.jpg 1 left_knee"});
  test::expect_error(ErrorKind::kUsage, "tolerance_px", [&] { with(-1, 0, 0, 0, 0); });
  test::expect_error(ErrorKind::kUsage, "tolerance_iou", [&] { with(0, 0, 0, 1.5, 0); });
}

TEST(Compare, PeopleAreMatchedWhateverTheirOrder) {
  const Results a = results({photo("a.jpg", {person_at(10), person_at(300), person_at(600)})});
  Results b = results({photo("a.jpg", {person_at(600), person_at(302), person_at(900)})});
  EXPECT_EQ(summary(compare(a, b)).size(), 2u + 17 + 1);
  EXPECT_EQ(summary(compare(a, b))[0], "person a.jpg 1 A");
  EXPECT_EQ(summary(compare(a, b))[1], "person a.jpg 3 B");
  EXPECT_EQ(summary(compare(a, b))[2], "joint a.jpg 2 nose");
}

TEST(Compare, TheMoreSimilarOfTwoIsThePerson) {
  const Results a = results({photo("a.jpg", {person_at(10), person_at(20)})});
  const Results b = results({photo("a.jpg", {person_at(19), person_at(9)})});
  const Comparison comparison = compare(a, b);
  EXPECT_EQ(comparison.people, 2u);
  EXPECT_EQ(comparison.farthest_px, 1);
}

TEST(Compare, WhatOneSideDoesNotHaveComesFirst) {
  Results a = results({photo("a.jpg", {person_at(10)}), photo("gone.jpg", {person_at(1), person_at(500)}),
                       photo("empty.jpg", {})});
  Results b = results({photo("new.jpg", {person_at(10)}), photo("a.jpg", {person_at(11)})});
  b.photos[1].people[0].joints[3] = {0, 0, 0};
  const Comparison comparison = compare(a, b);
  const Lines lines = summary(comparison);
  ASSERT_GE(lines.size(), 4u);
  EXPECT_EQ(lines[0], "photo gone.jpg 0 A");
  EXPECT_EQ(lines[1], "photo new.jpg 0 B");
  EXPECT_EQ(lines[2], "joint a.jpg 1 left_earA");
  const std::string told = describe(comparison, 3);
  EXPECT_EQ(told.substr(0, 71), "gone.jpg: only in A, 2 people\nnew.jpg: only in B, 1 person\na.jpg, perso");
  EXPECT_NE(told.find("left_ear: only in A\n... and "), std::string::npos) << told;
}

TEST(Compare, PhotosAreFoundByNumberByFileAndByStem) {
  const auto matched = [](const std::string& a, const std::string& b) {
    return compare(results({photo(a, {person_at(1)})}), results({photo(b, {person_at(1)})})).same();
  };
  EXPECT_TRUE(matched("d/a.jpg", "a.jpg"));
  EXPECT_TRUE(matched("a.v2.jpg", "a.v2"));
  EXPECT_TRUE(matched("a.v2", "d/a.v2.jpg"));
  EXPECT_TRUE(matched("x/a.png", "y/a.jpg"));
  EXPECT_FALSE(matched("a.v2.jpg", "a"));
  EXPECT_FALSE(matched("x_1.jpg", "y_1.jpg"));
  Results numbers = results({photo("", {person_at(1)})});
  numbers.photos[0].number = 42;
  EXPECT_TRUE(compare(results({photo("COCO_0042.jpg", {person_at(1)})}), numbers).same());
  EXPECT_FALSE(compare(results({photo("COCO_0043.jpg", {person_at(1)})}), numbers).same());
  const Results two = results({photo("x/a.jpg", {person_at(1)}), photo("y/a.jpg", {person_at(1)})});
  EXPECT_EQ(compare(two, results({photo("a.jpg", {person_at(1)})})).differences.size(), 3u)
      << "which of them it is nobody knows";
}

TEST(Compare, WhatAFormDoesNotHoldIsNotCompared) {
  Results bare = one_person();
  bare.photos[0].people[0].score = 0;
  bare.photos[0].people[0].detection.box = {};
  EXPECT_TRUE(compare(one_person(), bare).same());
  Results labels = one_person();
  labels.visibility = true;
  for (Joint& joint : labels.photos[0].people[0].joints) joint.score = 2;
  EXPECT_TRUE(compare(labels, bare).same());
  EXPECT_EQ(compare(labels, labels).differences.size(), 0u);
  Results boxes = one_person();
  boxes.skeleton = "";
  boxes.joint_names.clear();
  boxes.photos[0].people[0].joints.clear();
  EXPECT_TRUE(compare(boxes, one_person()).same());
  boxes.photos[0].people[0].detection.box.x2 += 50;
  EXPECT_EQ(summary(compare(boxes, one_person())), Lines{"box a.jpg 1 "});
  test::expect_error(ErrorKind::kMismatch, "B has joints and no boxes, A has boxes and no joints",
                     [&] { compare(boxes, bare); });
}

TEST(Compare, OtherSkeletonsAreRefused) {
  Results other = one_person();
  other.skeleton = "openpose18";
  other.photos[0].people[0] = person_at(10, 18);
  test::expect_error(ErrorKind::kMismatch, "A has 17 joints (coco17), B has 18 joints (openpose18)",
                     [&] { compare(one_person(), other); });
  Results unknown = one_person();
  unknown.skeleton = "";
  unknown.joint_names.clear();
  unknown.photos[0].people[0] = person_at(10, 5);
  EXPECT_TRUE(compare(unknown, unknown).same());
  EXPECT_NO_THROW(compare(results({}), other));
}

TEST(Compare, JsonHoldsEverything) {
  Results moved = one_person();
  moved.photos[0].people[0].joints[13].x += 5;
  moved.photos[0].people[0].joints[14] = {0, 0, 0};
  const nlohmann::json told = nlohmann::json::parse(to_json(compare(one_person(), moved)));
  EXPECT_EQ(told["same"], false);
  EXPECT_EQ(told["people"], 1);
  ASSERT_EQ(told["differences"].size(), 2u);
  EXPECT_EQ(
      told["differences"][0],
      nlohmann::json::parse(
          R"({"kind": "joint", "photo": "a.jpg", "person": 1, "joint": "right_knee", "only_in": "A"})"));
  EXPECT_EQ(told["differences"][1]["amount"], 5);
  EXPECT_EQ(told["differences"][1]["tolerance"], 0.1);
}

TEST(Accept, ReplacesTheFileOrTheOneInAFolder) {
  const test::TempFolder folder;
  const std::string run = folder / "run";
  std::filesystem::create_directory(run);
  test::write_text(run + "/alphapose-results.json", "[]");
  test::write_text(folder / "reference.json", "old");
  accept_results(folder / "reference.json", run);
  EXPECT_EQ(test::read_text(folder / "reference.json"), "[]");
  test::write_text(folder / "new.json", "[ ]");
  accept_results(run, folder / "new.json");
  EXPECT_EQ(test::read_text(run + "/alphapose-results.json"), "[ ]");
  test::expect_error(ErrorKind::kUsage, "has a file per photo", [&] { accept_results(folder.path(), run); });
  test::expect_error(ErrorKind::kNotFound, "no such file",
                     [&] { accept_results(folder / "reference.json", folder / "missing"); });
  EXPECT_EQ(test::read_text(folder / "reference.json"), "[]");
}

}  // namespace
}  // namespace pose
