#include "suppress/parametric.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "pose/skeleton.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

double number(const json& value) { return (value.is_array() ? value[0] : value).get<double>(); }

std::vector<Person> people_of(const json& c) {
  std::vector<Person> people;
  for (const json& p : c["persons"]) {
    Person person;
    person.index = static_cast<int>(people.size());
    person.detection.box = {p["box"][0], p["box"][1], p["box"][2], p["box"][3]};
    person.detection.score = p["box_score"];
    for (std::size_t k = 0; k < p["keypoints"].size(); ++k)
      person.joints.push_back(
          {p["keypoints"][k][0], p["keypoints"][k][1], static_cast<float>(number(p["scores"][k]))});
    people.push_back(std::move(person));
  }
  return people;
}

std::vector<Person> with_scores_as_used(std::vector<Person> people) {
  for (Person& p : people)
    for (Joint& j : p.joints)
      if (j.score == 0) j.score = 1e-5f;
  return people;
}

TEST(ParametricNms, RoundsAreTheReferences) {
  for (const json& c : test::golden("pose_nms.json")["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const auto rounds = cluster_people(with_scores_as_used(people_of(c)), {});
    ASSERT_EQ(rounds.size(), c["pick"].size());
    for (std::size_t r = 0; r < rounds.size(); ++r) {
      EXPECT_EQ(rounds[r].pick, c["pick"][r].get<int>());
      EXPECT_EQ(rounds[r].cluster, c["merge_ids"][r].get<std::vector<int>>());
      const json& expected = c["rounds"][r];
      EXPECT_EQ(rounds[r].list.at(expected["index_in_round"].get<std::size_t>()), rounds[r].pick);
      EXPECT_EQ(rounds[r].matches, expected["matches"].get<std::vector<int>>());
      for (std::size_t i = 0; i < rounds[r].similarity.size(); ++i)
        EXPECT_NEAR(rounds[r].similarity[i], expected["similarity"][i].get<double>(), 1e-4);
    }
  }
}

TEST(ParametricNms, SurvivorsAreTheReferences) {
  for (const json& c : test::golden("pose_nms.json")["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const std::vector<Person> people = suppressor("parametric").apply(people_of(c), skeleton("coco17"), {});
    const json& expected = c["final_result"];
    ASSERT_EQ(people.size(), expected.size());
    for (std::size_t n = 0; n < people.size(); ++n) {
      EXPECT_NEAR(people[n].score, number(expected[n]["proposal_score"]), 1e-5);
      for (std::size_t k = 0; k < people[n].joints.size(); ++k) {
        EXPECT_NEAR(people[n].joints[k].x, expected[n]["keypoints"][k][0].get<double>(), 1e-3);
        EXPECT_NEAR(people[n].joints[k].y, expected[n]["keypoints"][k][1].get<double>(), 1e-3);
        EXPECT_NEAR(people[n].joints[k].score, number(expected[n]["kp_score"][k]), 1e-5);
      }
    }
  }
}

/// Two detections of one man, 3 pixels apart on a photo of usual size, and his neighbour.
std::vector<Person> doubled(float enlargement) {
  std::vector<Person> people;
  for (const float offset : {0.0f, 3.0f, 130.0f}) {
    Person person;
    person.index = static_cast<int>(people.size());
    person.detection.score = 0.9f;
    person.detection.box = {100 + offset, 50, 190 + offset, 250};
    for (int k = 0; k < 17; ++k)
      person.joints.push_back({105 + offset + 5.0f * static_cast<float>(k),
                               60 + 11.0f * static_cast<float>(k), 0.9f - 0.01f * offset / 13});
    for (Joint& j : person.joints) j.x *= enlargement, j.y *= enlargement;
    Box& b = person.detection.box;
    b = {b.x1 * enlargement, b.y1 * enlargement, b.x2 * enlargement, b.y2 * enlargement};
    people.push_back(std::move(person));
  }
  return people;
}

TEST(ParametricNms, PixelCapsLetDoublesThroughOnAnEnlargedPhotoAndPersonCapsDoNot) {
  const Skeleton& coco = skeleton("coco17");
  SuppressOptions pixel, person;
  person.scale_by_person = true;
  EXPECT_EQ(parametric_nms(doubled(1), coco, pixel).size(), 2u);
  EXPECT_EQ(parametric_nms(doubled(6), coco, pixel).size(), 3u);
  const std::vector<Person> small = parametric_nms(doubled(1), coco, person);
  const std::vector<Person> large = parametric_nms(doubled(6), coco, person);
  ASSERT_EQ(small.size(), 2u);
  ASSERT_EQ(large.size(), 2u);
  for (std::size_t n = 0; n < small.size(); ++n) {
    EXPECT_EQ(small[n].merged, large[n].merged);
    for (std::size_t k = 0; k < 17; ++k)  // but for the 0.3 that is taken off at the end
      EXPECT_NEAR(6 * (small[n].joints[k].x + 0.3), large[n].joints[k].x + 0.3, 1e-2);
  }
}

TEST(ParametricNms, PlacesThatAreNoNumbersEndTheRunAllTheSame) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<Person> people = doubled(1);
  for (Joint& j : people[0].joints) j.x = nan;
  for (Joint& j : people[1].joints) j.score = nan;
  people[2].detection.box = {5, 5, 5, 5};
  EXPECT_LE(parametric_nms(people, skeleton("coco17"), {}).size(), 3u);
  EXPECT_TRUE(parametric_nms({}, skeleton("coco17"), {}).empty());
}

}  // namespace
}  // namespace pose
