// The suppressors at their thresholds.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pose/error.h"
#include "pose/skeleton.h"
#include "suppress/oks.h"
#include "suppress/parametric.h"

namespace pose {
namespace {

const Skeleton& kCoco = skeleton("coco17");

/// 17 joints on a grid 60 wide and 100 high, all of one score, in a box of 80x160.
Person person_at(float x, float y, float score) {
  Person person;
  for (int k = 0; k < 17; ++k)
    person.joints.push_back(
        {x + 20.0f * static_cast<float>(k % 4), y + 25.0f * static_cast<float>(k / 4), score});
  person.detection.box = {x - 10, y - 30, x + 70, y + 130};
  person.detection.score = 0.5f;
  person.area = 80 * 160;
  return person;
}

std::vector<Person> numbered(std::vector<Person> people) {
  for (std::size_t i = 0; i < people.size(); ++i) people[i].index = static_cast<int>(i);
  return people;
}

std::vector<Person> parametric(std::vector<Person> people, const SuppressOptions& options = {}) {
  return parametric_nms(numbered(std::move(people)), kCoco, options);
}

TEST(Parametric, AloneAPersonIsOnlyMovedAndScored) {
  const auto people = parametric({person_at(100, 100, 0.8f)});
  ASSERT_EQ(people.size(), 1u);
  for (std::size_t k = 0; k < 17; ++k) {
    EXPECT_NEAR(people[0].joints[k].x, 100 + 20.0 * static_cast<double>(k % 4) - 0.3, 1e-4);
    EXPECT_NEAR(people[0].joints[k].y, 100 + 25.0 * static_cast<double>(k / 4) - 0.3, 1e-4);
    EXPECT_NEAR(people[0].joints[k].score, 0.8, 1e-6);
  }
  EXPECT_NEAR(people[0].score, 0.8 + 0.5 + 1.25 * 0.8, 1e-5);
  EXPECT_EQ(people[0].merged, std::vector<int>{0});
}

TEST(Parametric, NearJointsAreAveragedByTheirScores) {
  Person other = person_at(102, 100, 0.4f);
  other.joints[3].x += 16;  // 18 pixels away: beyond the 15 of merging
  const auto people = parametric({person_at(100, 100, 0.8f), other});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_NEAR(people[0].joints[0].x, (0.8 * 100 + 0.4 * 102) / 1.2 - 0.3, 1e-4);
  EXPECT_NEAR(people[0].joints[0].score, (0.8 * 0.8 + 0.4 * 0.4) / 1.2, 1e-5);
  EXPECT_NEAR(people[0].joints[3].x, 160 - 0.3, 1e-4);
  EXPECT_EQ(people[0].merged, (std::vector<int>{0, 1}));
}

/// Two people of whom the first `shared` joints coincide and the others are far apart.
std::size_t left_of_pair(int shared, const SuppressOptions& options = {}) {
  Person other = person_at(100, 100, 0.1f);
  for (std::size_t k = static_cast<std::size_t>(shared); k < 17; ++k)
    other.joints[k].x += 300, other.joints[k].score = 0.9f;
  return parametric({person_at(100, 100, 0.9f), other}, options).size();
}

TEST(Parametric, FiveJointsThatCoincideAreOnePerson) {
  EXPECT_EQ(left_of_pair(4), 2u);
  EXPECT_EQ(left_of_pair(5), 1u);
  SuppressOptions options;
  options.match_threshold = 4;
  EXPECT_EQ(left_of_pair(4, options), 1u);
}

/// Matches between a person and its copy moved to the right, where the longer side of the box is `side`.
int matches_at(float apart, float side, const SuppressOptions& options = {}) {
  Person first = person_at(100, 100, 0.9f), second = person_at(100 + apart, 100, 0.8f);
  first.detection.box = {100, 100, 110, 100 + side};
  return cluster_people({first, second}, options).at(0).matches.at(1);
}

TEST(Parametric, JointsCoincideWithinATenthOfTheBoxButSevenPixelsAtMost) {
  EXPECT_EQ(matches_at(7, 160), 17);
  EXPECT_EQ(matches_at(7.1f, 160), 0);
  EXPECT_EQ(matches_at(4, 40), 17);
  EXPECT_EQ(matches_at(4.1f, 40), 0);
  SuppressOptions person;
  person.scale_by_person = true;  // for 200 pixels both are the same; at 400 the caps are twice as far
  EXPECT_EQ(matches_at(7, 200, person), 17);
  EXPECT_EQ(matches_at(7.1f, 200, person), 0);
  EXPECT_EQ(matches_at(14, 400, person), 17);
  EXPECT_EQ(matches_at(14.1f, 400, person), 0);
}

TEST(Parametric, SimilarityCountsScoresOfNearJointsAndHowNearAllAre) {
  const auto similarity = [](float apart, const SuppressOptions& options) {
    return cluster_people({person_at(100, 100, 0.9f), person_at(100 + apart, 100, 0.8f)}, options)
        .at(0)
        .similarity.at(1);
  };
  const double scores = 17 * std::tanh(0.9) * std::tanh(0.8);
  EXPECT_NEAR(similarity(0, {}), scores + 1.7 * 17, 1e-4);
  EXPECT_NEAR(similarity(1, {}), scores + 1.7 * 17 * std::exp(-1 / 2.65), 1e-4);
  EXPECT_NEAR(similarity(1.01f, {}), 1.7 * 17 * std::exp(-1.01 / 2.65), 1e-3);
  SuppressOptions person;
  person.scale_by_person = true;  // the box is 160 pixels high: lengths of 0.8
  EXPECT_NEAR(similarity(0.79f, person), scores + 1.7 * 17 * std::exp(-0.79 / (2.65 * 0.8)), 1e-3);
  EXPECT_NEAR(similarity(0.81f, person), 1.7 * 17 * std::exp(-0.81 / (2.65 * 0.8)), 1e-3);
}

TEST(Parametric, SimilarityAboveGammaIsOnePerson) {
  SuppressOptions options;
  options.match_threshold = 100;
  const auto rounds = [&](float gamma) {
    options.gamma = gamma;
    return cluster_people({person_at(100, 100, 0.9f), person_at(100, 100, 0.8f)}, options).size();
  };
  const float same =
      cluster_people({person_at(100, 100, 0.9f), person_at(100, 100, 0.8f)}, options)[0].similarity[1];
  EXPECT_EQ(rounds(same), 2u);
  EXPECT_EQ(rounds(std::nextafter(same, 0.0f)), 1u);
}

TEST(Parametric, TheBestMeanIsPickedFirstAndOfEqualsTheFirst) {
  const auto rounds =
      cluster_people({person_at(0, 0, 0.7f), person_at(300, 0, 0.9f), person_at(600, 0, 0.9f)}, {});
  ASSERT_EQ(rounds.size(), 3u);
  EXPECT_EQ(rounds[0].pick, 1);
  EXPECT_EQ(rounds[1].pick, 2);
  EXPECT_EQ(rounds[2].pick, 0);
}

TEST(Parametric, PeopleWithoutASureJointOrOfNoSizeAreDropped) {
  SuppressOptions options;
  const auto best_of = [&](float score) {
    Person person = person_at(100, 100, 0.1f);
    person.joints[7].score = score;
    return parametric({person}, options).size();
  };
  EXPECT_EQ(best_of(0.29f), 0u);
  EXPECT_EQ(best_of(0.3f), 1u);
  options.area_threshold = 1.5f * 60 * 1.5f * 100;
  EXPECT_EQ(best_of(0.5f), 1u);
  options.area_threshold += 1;
  EXPECT_EQ(best_of(0.5f), 0u);
}

TEST(Parametric, ScoresOfExactlyZeroDoNotBecomeNaN) {
  Person person = person_at(100, 100, 0.9f);
  person.joints[4].score = 0;
  const auto people = parametric({person});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_NEAR(people[0].joints[4].x, 100 - 0.3, 1e-4);
  EXPECT_NEAR(people[0].joints[4].score, 1e-5, 1e-9);
}

TEST(Parametric, PlacesThatAreNoNumbersAreRoundsOfTheirOwn) {
  std::vector<Person> people{person_at(0, 0, 0.5f), person_at(300, 0, 0.9f)};
  for (Joint& j : people[1].joints) j.x = std::numeric_limits<float>::quiet_NaN();
  const auto rounds = cluster_people(people, {});
  ASSERT_EQ(rounds.size(), 2u);
  EXPECT_EQ(rounds[0].cluster, std::vector<int>{1});
  EXPECT_EQ(rounds[1].cluster, std::vector<int>{0});
}

TEST(Oks, IsOneInTheSamePlaceAndFallsByTheTolerances) {
  const Person a = person_at(0, 0, 0.9f);
  Person b = a;
  EXPECT_DOUBLE_EQ(oks(a, b, kCoco), 1);
  for (Joint& j : b.joints) j.score = 0, j.x += 300;
  b.joints[0] = a.joints[0];
  b.joints[0].score = 0.5f;
  EXPECT_NEAR(oks(a, b, kCoco), 1 / 17.0, 1e-6) << "all joints count";
  EXPECT_DOUBLE_EQ(oks(a, b, kCoco, 0.4), 1) << "only those that are seen";
  EXPECT_EQ(oks(a, b, kCoco, 0.5), 0) << "none above the threshold";
  // One joint, d pixels off: exp(-d^2 / (2 (2 sigma)^2 area)), the area being the mean of both.
  b.area = 3 * a.area;
  b.joints[0].x += 3;
  EXPECT_NEAR(oks(a, b, kCoco, 0.4), std::exp(-9 / (2 * 0.052 * 0.052 * 2 * a.area)), 1e-9);
}

TEST(Oks, RescoringTakesTheMeanOfTheJointsAboveTheThreshold) {
  Person person = person_at(0, 0, 0.1f);
  EXPECT_EQ(rescored(person, 0.2), 0);
  person.joints[2].score = 0.9f;
  person.joints[5].score = 0.5f;
  EXPECT_NEAR(rescored(person, 0.2), 0.7 * 0.5, 1e-6);
  EXPECT_NEAR(rescored(person, 0.5), 0.9 * 0.5, 1e-6);
}

std::vector<Person> scored(const std::vector<double>& scores, float apart) {
  std::vector<Person> people;
  for (const double score : scores) {
    people.push_back(person_at(apart * static_cast<float>(people.size()), 0, 0.9f));
    people.back().score = score;
  }
  return people;
}

TEST(OksNms, OnlyAboveTheThresholdIsTheSamePerson) {
  EXPECT_EQ(oks_nms(scored({0.5, 0.9}, 0), kCoco, 1.0), (std::vector<int>{1, 0}));
  EXPECT_EQ(oks_nms(scored({0.5, 0.9}, 0), kCoco, 0.99), std::vector<int>{1});
  EXPECT_EQ(oks_nms(scored({0.5, 0.9, 0.7}, 1000), kCoco, 0.1), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(oks_nms(scored({0.5, 0.5, 0.5}, 1000), kCoco, 0.1), (std::vector<int>{2, 1, 0}))
      << "the later first";
}

TEST(OksNms, ScoresThatAreNoNumbersAreLast) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(oks_nms(scored({nan, 0.2, 0.1}, 1000), kCoco, 0.5), (std::vector<int>{1, 2, 0}));
}

TEST(SoftOksNms, NearPeopleSinkAndTheLimitHolds) {
  // 0 and 1 are in one place; 2 is far: what is left of 1 (0.9 / e^(1/0.5)) comes behind 2.
  std::vector<Person> people = scored({1.0, 0.9, 0.5}, 0);
  for (Joint& j : people[2].joints) j.x += 1000;
  EXPECT_EQ(soft_oks_nms(people, kCoco, 0.5, 20), (std::vector<int>{0, 2, 1}));
  EXPECT_EQ(soft_oks_nms(people, kCoco, 5, 20), (std::vector<int>{0, 1, 2})) << "0.9 / e^0.2 is still better";
  EXPECT_EQ(soft_oks_nms(people, kCoco, 0.5, 2), (std::vector<int>{0, 2}));
  EXPECT_TRUE(soft_oks_nms({}, kCoco, 0.5, 20).empty());
}

TEST(Suppressors, ScoreByJointsAndBoxAndKeepTheirOrder) {
  std::vector<Person> people;
  for (int i = 0; i < 30; ++i) {
    people.push_back(person_at(1000.0f * static_cast<float>(i), 0, 0.9f));
    people.back().detection.score = 0.01f * static_cast<float>(1 + (i * 7) % 30);
    people.back().joints[3].score = 0.15f;  // does not count
  }
  people = numbered(people);
  for (const char* name : {"oks", "soft-oks", "none"}) {
    SuppressOptions options;
    const std::vector<Person> kept = suppressor(name).apply(people, kCoco, options);
    ASSERT_EQ(kept.size(), std::string(name) == "soft-oks" ? 20u : 30u) << name;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_NEAR(kept[i].score, 0.9 * 0.01 * (30.0 - static_cast<double>(i)), 1e-5) << name;
      EXPECT_NEAR(kept[i].detection.score, 0.01 * (30.0 - static_cast<double>(i)), 1e-5) << name;
    }
    options.soft_max_people = 4;
    options.in_vis_threshold = 0.1;
    EXPECT_NEAR(suppressor(name).apply(people, kCoco, options)[0].score, 0.3 * (16 * 0.9 + 0.15) / 17, 1e-5)
        << name;
  }
  SuppressOptions few;
  few.soft_max_people = 4;
  EXPECT_EQ(suppressor("soft-oks").apply(people, kCoco, few).size(), 4u);
  EXPECT_THROW(suppressor("softoks"), Error);
}

TEST(Suppressors, TakeTheThresholdOfTheOptions) {
  std::vector<Person> people{person_at(0, 0, 0.9f), person_at(3, 0, 0.8f)};
  const double overlap = oks(people[0], people[1], kCoco);
  SuppressOptions options;
  options.oks_threshold = overlap + 0.01;
  EXPECT_EQ(suppressor("oks").apply(people, kCoco, options).size(), 2u);
  options.oks_threshold = overlap - 0.01;
  EXPECT_EQ(suppressor("oks").apply(people, kCoco, options).size(), 1u);
}

}  // namespace
}  // namespace pose
