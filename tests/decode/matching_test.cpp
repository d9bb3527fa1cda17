// Multi-peak matching on maps small enough to reckon with: what is a peak, who shares a group, who wins it.

#include "decode/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pose/error.h"

namespace pose {
namespace {

constexpr int kWidth = 64, kHeight = 80;  // of a map; one cell is one photo pixel below

/// Shows the photo from (x, y) on, 64x80 pixels, one for each cell.
Crop crop_at(float x, float y) {
  Crop crop;
  crop.kind = Crop::Kind::kAlphaPose;
  crop.input = {4 * kWidth, 4 * kHeight};
  crop.grown = {x, y, x + kWidth, y + kHeight};
  return crop;
}

struct Map {
  std::vector<float> values = std::vector<float>(kWidth * kHeight, 0.0f);
  Map& set(int x, int y, float value) {
    values[static_cast<std::size_t>(y * kWidth + x)] = value;
    return *this;
  }
};

std::vector<Candidate> peaks(const Map& map) {
  return peak_candidates({map.values.data(), kWidth, kHeight}, crop_at(0, 0));
}

/// Where a lone peak of a cell is found: +0.2, and as the padding of a crop that fills its frame is half a
/// pixel, less that.
constexpr double kLone = 0.2;

TEST(PeakCandidates, ALonePeakIsFoundWhereItIs) {
  const auto found = peaks(Map().set(20, 30, 0.8f));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].x, 20 + kLone, 1e-5);
  EXPECT_NEAR(found[0].y, 30 + kLone, 1e-5);
  EXPECT_EQ(found[0].value, 0.8f);
}

TEST(PeakCandidates, APeakIsAboveATenthAndGreatestOfItsFiveByFiveCells) {
  EXPECT_EQ(peaks(Map().set(20, 30, 0.5f).set(40, 50, 0.1f)).size(), 1u);
  EXPECT_EQ(peaks(Map().set(20, 30, 0.5f).set(40, 50, 0.11f)).size(), 2u);
  for (const auto& [dx, dy] : {std::pair{2, 0}, {-2, 0}, {0, 2}, {0, -2}, {2, 2}, {-2, -2}, {1, -2}})
    EXPECT_EQ(peaks(Map().set(20, 30, 0.5f).set(20 + dx, 30 + dy, 0.4f)).size(), 1u) << dx << " " << dy;
  for (const auto& [dx, dy] : {std::pair{3, 0}, {-3, 0}, {0, 3}, {0, -3}, {3, 3}, {-3, 1}})
    EXPECT_EQ(peaks(Map().set(20, 30, 0.5f).set(20 + dx, 30 + dy, 0.4f)).size(), 2u) << dx << " " << dy;
}

TEST(PeakCandidates, CornersCanBePeaks) {
  for (const int x : {0, kWidth - 1})
    for (const int y : {0, kHeight - 1}) EXPECT_EQ(peaks(Map().set(x, y, 0.5f)).size(), 1u) << x << " " << y;
}

TEST(PeakCandidates, TheGreatestIsFirstAndEqualOnesGoUpwards) {
  const auto found =
      peaks(Map().set(10, 10, 0.5f).set(30, 10, 0.9f).set(10, 40, 0.5f).set(30, 40, 0.5f).set(50, 60, 0.2f));
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].value, 0.9f);
  EXPECT_NEAR(found[1].y, 40 + kLone, 1e-5);
  EXPECT_NEAR(found[1].x, 30 + kLone, 1e-5);
  EXPECT_NEAR(found[2].x, 10 + kLone, 1e-5);
  EXPECT_NEAR(found[3].y, 10 + kLone, 1e-5);
  EXPECT_EQ(found[4].value, 0.2f);
}

TEST(PeakCandidates, PeaksAreDrawnToTheirGreaterNeighboursUnlessAtTheBorder) {
  const auto shift = [](int x, int y) {
    Map map = Map().set(x, y, 0.9f);
    if (x + 1 < kWidth) map.set(x + 1, y, 0.09f);
    if (y + 1 < kHeight) map.set(x, y + 1, 0.08f);
    const Candidate c = peaks(map).front();
    return std::pair{std::round((c.x - x - kLone) * 1e4) / 1e4, std::round((c.y - y - kLone) * 1e4) / 1e4};
  };
  const double step_y = 0.25 * kHeight / kWidth;
  EXPECT_EQ(shift(20, 30), std::pair(0.25, std::round(step_y * 1e4) / 1e4));
  EXPECT_EQ(shift(0, 30).first, 0);
  EXPECT_EQ(shift(1, 30).first, 0.25);
  EXPECT_EQ(shift(kWidth - 3, 30).first, 0.25);
  EXPECT_EQ(shift(kWidth - 2, 30).first, 0);
  EXPECT_EQ(shift(20, 0).second, 0);
  EXPECT_GT(shift(20, 1).second, 0);
  EXPECT_GT(shift(20, kHeight - 3).second, 0);
  EXPECT_EQ(shift(20, kHeight - 2).second, 0);
}

TEST(PeakCandidates, WithoutAPeakTheGreatestCellStandsIn) {
  const auto found = peaks(Map().set(11, 13, 0.09f).set(30, 30, 0.05f));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].x, 11 + kLone, 1e-9);
  EXPECT_NEAR(found[0].y, 13 + kLone, 1e-9);
  EXPECT_EQ(found[0].value, 0.09f);
}

/// One person of the photo: all 17 joints on a grid of 12x14 pixels, then whatever a test changes.
struct PersonMaps {
  Blob maps = Blob({17, kHeight, kWidth});
  Crop crop;
  Detection detection;

  PersonMaps(float x, float y, float value) : crop(crop_at(x, y)) {
    detection.box = {x, y, x + kWidth, y + kHeight};
    detection.score = 0.5f;
    for (int k = 0; k < 17; ++k) set(k, 8 + 12 * (k % 4), 8 + 14 * (k / 4), value);
  }
  void clear(int joint) { std::fill_n(maps[joint].data(), kWidth * kHeight, 0.0f); }
  void set(int joint, int x, int y, float value) { maps[joint].data()[y * kWidth + x] = value; }
};

std::vector<Person> matched(const std::vector<PersonMaps>& people) {
  std::vector<Blob> maps;
  std::vector<Crop> crops;
  std::vector<Detection> detections;
  for (const PersonMaps& p : people) {
    maps.push_back(p.maps);
    crops.push_back(p.crop);
    detections.push_back(p.detection);
  }
  return match_people(maps, crops, detections);
}

TEST(MatchPeople, OnePersonKeepsItsJoints) {
  PersonMaps alone(100, 200, 0.8f);
  alone.crop.area = 77;
  alone.set(3, 44, 8, 0.9f);
  const auto people = matched({alone});
  ASSERT_EQ(people.size(), 1u);
  for (std::size_t k = 0; k < 17; ++k) {
    EXPECT_NEAR(people[0].joints[k].x, 100 + 8 + 12 * static_cast<double>(k % 4) + kLone - 0.3, 1e-3);
    EXPECT_NEAR(people[0].joints[k].y, 200 + 8 + 14 * static_cast<double>(k / 4) + kLone - 0.3, 1e-3);
  }
  EXPECT_EQ(people[0].joints[3].score, 0.9f);
  EXPECT_NEAR(people[0].score, (16 * 0.8 + 0.9) / 17 + 0.9 + 0.5, 1e-5) << "mean, greatest, box";
  EXPECT_EQ(people[0].area, 77);
  EXPECT_EQ(people[0].index, 0);
  EXPECT_EQ(people[0].merged, std::vector<int>{0});
}

TEST(MatchPeople, AJointOfTwoGoesToTheBetterAndTheOtherTakesItsNextPeak) {
  PersonMaps first(100, 200, 0.8f), second(110, 200, 0.6f);
  // The second one's left shoulder is the first one's; it has a weaker peak of its own.
  second.clear(5);
  second.set(5, 8 + 12 - 10, 8 + 14, 0.7f);
  second.set(5, 50, 60, 0.2f);
  const auto people = matched({first, second});
  ASSERT_EQ(people.size(), 2u);
  EXPECT_NEAR(people[0].joints[5].x, 100 + 20 + kLone - 0.3, 1e-3);
  EXPECT_EQ(people[0].joints[5].score, 0.8f);
  EXPECT_NEAR(people[1].joints[5].x, 110 + 50 + kLone - 0.3, 1e-3);
  EXPECT_NEAR(people[1].joints[5].y, 200 + 60 + kLone - 0.3, 1e-3);
  EXPECT_EQ(people[1].joints[5].score, 0.2f);
}

TEST(MatchPeople, WithoutAnotherPeakTheLoserKeepsThePlaceAtAlmostNoScore) {
  PersonMaps first(100, 200, 0.6f), second(110, 200, 0.8f);
  first.clear(5);
  first.set(5, 20, 22, 0.9f);
  second.clear(5);
  second.set(5, 10, 22, 0.9f);
  const auto people = matched({first, second});
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].joints[5].score, 1e-5f);
  EXPECT_NEAR(people[0].joints[5].x, 120 + kLone - 0.3, 1e-3);
  EXPECT_EQ(people[1].joints[5].score, 0.9f) << "the second one's other joints are better";
}

/// The place where the first person's shoulder ends up when the second one's lies `apart` pixels to the
/// right.
double shared_place(int apart, float value, bool* shared) {
  PersonMaps first(100, 200, 0.8f), second(140, 200, 0.6f);
  for (PersonMaps* p : {&first, &second}) p->clear(5);
  first.set(5, 50, 40, 0.8f);
  second.set(5, 10 + apart, 40, value);
  const auto people = matched({first, second});
  *shared = people.at(1).joints[5].score == 1e-5f;
  return people[0].joints[5].x - 150 - kLone + 0.3;
}

TEST(MatchPeople, AGroupReachesATenthOfTheTolerancesTimesItsSize) {
  // 0.1 * 0.79 * sqrt(64 * 80) = 5.65 pixels.
  bool shared = false;
  EXPECT_NEAR(shared_place(6, 0.6f, &shared), 0, 1e-3);
  EXPECT_FALSE(shared);
  EXPECT_NEAR(shared_place(5, 0.6f, &shared), 5 * 0.6 / (0.8 + 0.6), 1e-3) << "the centre of both";
  EXPECT_TRUE(shared);
}

TEST(MatchPeople, EveryJointHasItsOwnTolerance) {
  const std::vector<double> sigmas{.26, .25, .25,  .35,  .35, .79, .79, .72, .72,
                                   .62, .62, 1.07, 1.07, .87, .87, .89, .89};
  // Two places 10 pixels apart, and boxes of such a side that the radius is `radius`.
  const auto shared = [&](int joint, double radius) {
    PersonMaps first(100, 200, 0.8f), second(140, 200, 0.6f);
    const auto side = static_cast<float>(radius / (0.1 * sigmas[static_cast<std::size_t>(joint)]));
    for (PersonMaps* p : {&first, &second}) {
      p->clear(joint);
      p->detection.box = {0, 0, side, side};
    }
    first.set(joint, 50, 40, 0.8f);
    second.set(joint, 20, 40, 0.6f);
    return matched({first, second}).at(1).joints[static_cast<std::size_t>(joint)].score == 1e-5f;
  };
  for (int k = 0; k < 17; ++k) {
    EXPECT_TRUE(shared(k, 10.2)) << k;
    EXPECT_FALSE(shared(k, 9.8)) << k;
  }
}

TEST(MatchPeople, WeakPeaksJoinAGroupWithoutMovingIt) {
  bool shared = false;
  EXPECT_NEAR(shared_place(4, 0.29f, &shared), 0, 1e-3);
  EXPECT_TRUE(shared);
  EXPECT_NEAR(shared_place(4, 0.31f, &shared), 4 * 0.31 / 1.11, 1e-3);
  EXPECT_TRUE(shared);
  // Below 0.05 a place is nobody's: it neither joins nor loses.
  EXPECT_NEAR(shared_place(4, 0.04f, &shared), 0, 1e-3);
  EXPECT_FALSE(shared);
}

TEST(MatchPeople, AThirdPersonIsMeasuredFromTheMovedCentre) {
  PersonMaps a(100, 200, 0.8f), b(140, 200, 0.7f), c(140, 207, 0.6f);
  for (PersonMaps* p : {&a, &b, &c}) p->clear(5);
  a.set(5, 50, 40, 0.5f);
  b.set(5, 15, 40, 0.5f);  // 5 pixels from a: the centre moves by 2.5
  c.set(5, 18, 33, 0.5f);  // 8 from a, 5.5 from the centre
  const auto people = matched({a, b, c});
  ASSERT_EQ(people.size(), 3u);
  EXPECT_EQ(people[2].joints[5].score, 1e-5f);
  EXPECT_NEAR(people[0].joints[5].x, 150 + (0 + 5 + 8) / 3.0 + kLone - 0.3, 1e-3);
}

TEST(MatchPeople, PeopleWithoutAJointOrWithoutSizeAreDropped) {
  PersonMaps faint(100, 200, 0.05f);
  EXPECT_TRUE(matched({faint}).empty());
  faint.set(9, 20, 36, 0.11f);
  EXPECT_EQ(matched({faint}).size(), 1u);
  // All joints within w x h: 1.5 w * 1.5 h must reach 1600.
  const auto count = [](int w, int h) {
    PersonMaps small(100, 200, 0.8f);
    for (int k = 0; k < 17; ++k) {
      small.clear(k);
      small.set(k, k % 2 ? 20 + w : 20, k % 2 ? 20 + h : 20, 0.8f);
    }
    return matched({small}).size();
  };
  EXPECT_EQ(count(20, 35), 0u);  // 1575
  EXPECT_EQ(count(20, 36), 1u);  // 1620
  EXPECT_EQ(count(36, 20), 1u);
}

TEST(MatchPeople, TheSurvivorsKeepTheirNumbers) {
  const auto people = matched({PersonMaps(0, 0, 0.01f), PersonMaps(300, 200, 0.8f)});
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].index, 1);
  EXPECT_EQ(people[0].merged, std::vector<int>{1});
}

TEST(MatchPeople, NeedsAllJointsOfCoco) {
  PersonMaps few(0, 0, 0.5f);
  few.maps = Blob({16, kHeight, kWidth});
  EXPECT_THROW(matched({few}), Error);
}

}  // namespace
}  // namespace pose
