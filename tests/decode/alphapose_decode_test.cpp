// AlphaPose's decoding, pose NMS behind it, and multi-peak matching against the reference.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "decode/matching.h"
#include "pose/decode.h"
#include "support/files.h"
#include "support/heatmaps.h"

namespace pose {
namespace {

using nlohmann::json;

struct Photo {
  std::vector<Blob> maps;
  std::vector<Crop> crops;
  std::vector<Detection> detections;
};

Photo photo_of(const json& c) {
  Photo photo;
  int index = 0;
  for (const json& p : c["persons"]) {
    photo.maps.push_back(test::alphapose_heatmaps(p, c["name"], index++, c["noise"]));
    Crop crop;
    crop.kind = Crop::Kind::kAlphaPose;
    crop.input = {256, 320};
    crop.grown = {p["pt1"][0], p["pt1"][1], p["pt2"][0], p["pt2"][1]};
    photo.crops.push_back(crop);
    Detection d;
    d.box = {p["box"][0], p["box"][1], p["box"][2], p["box"][3]};
    d.score = p["box_score"];
    photo.detections.push_back(d);
  }
  return photo;
}

TEST(AlphaPoseDecode, PositionsAndScoresAreTheReferences) {
  for (const json& c : test::golden("decode.json")["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const Photo photo = photo_of(c);
    const json& expected = c["getPrediction"];
    for (std::size_t n = 0; n < photo.maps.size(); ++n) {
      const std::vector<Joint> joints = decode(photo.maps[n], 17, photo.crops[n], decoder("alphapose"));
      for (std::size_t k = 0; k < 17; ++k) {
        const Peak peak =
            decoder("alphapose").find_peak({photo.maps[n][static_cast<std::int64_t>(k)].data(), 64, 80});
        EXPECT_NEAR(peak.x, expected["preds_hm"][n][k][0].get<double>(), 1e-3);
        EXPECT_NEAR(peak.y, expected["preds_hm"][n][k][1].get<double>(), 1e-3);
        EXPECT_NEAR(joints[k].x, expected["preds_img"][n][k][0].get<double>(), 1e-3);
        EXPECT_NEAR(joints[k].y, expected["preds_img"][n][k][1].get<double>(), 1e-3);
        const json& score = expected["preds_scores"][n][k];
        EXPECT_NEAR(joints[k].score, (score.is_array() ? score[0] : score).get<double>(), 1e-5);
      }
    }
  }
}

TEST(MultiPeak, CandidatesAreTheReferences) {
  for (const json& c : test::golden("decode.json")["cases"]) {
    const Photo photo = photo_of(c);
    for (std::size_t n = 0; n < photo.maps.size(); ++n) {
      for (std::size_t k = 0; k < 17; ++k) {
        SCOPED_TRACE(c["name"].get<std::string>() + " person " + std::to_string(n) + " joint " +
                     std::to_string(k));
        const auto found =
            peak_candidates({photo.maps[n][static_cast<std::int64_t>(k)].data(), 64, 80}, photo.crops[n]);
        const json& expected = c["multi_peak"][n][k];
        ASSERT_EQ(found.size(), expected["count"].get<std::size_t>());
        for (std::size_t i = 0; i < expected["first"].size(); ++i) {
          EXPECT_NEAR(found[i].x, expected["first"][i][0].get<double>(), 1e-3);
          EXPECT_NEAR(found[i].y, expected["first"][i][1].get<double>(), 1e-3);
          EXPECT_NEAR(found[i].value, expected["first"][i][2].get<double>(), 1e-5);
        }
      }
    }
  }
}

TEST(MultiPeak, MatchedPeopleAreTheReferences) {
  for (const json& c : test::golden("decode.json")["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const Photo photo = photo_of(c);
    const std::vector<Person> people = match_people(photo.maps, photo.crops, photo.detections);
    const json& expected = c["matching_result"];
    ASSERT_EQ(people.size(), expected.size());
    for (std::size_t n = 0; n < people.size(); ++n) {
      const json& score = expected[n]["proposal_score"];
      EXPECT_NEAR(people[n].score, (score.is_array() ? score[0] : score).get<double>(), 1e-5);
      for (std::size_t k = 0; k < 17; ++k) {
        EXPECT_NEAR(people[n].joints[k].x, expected[n]["keypoints"][k][0].get<double>(), 1e-3);
        EXPECT_NEAR(people[n].joints[k].y, expected[n]["keypoints"][k][1].get<double>(), 1e-3);
        const json& s = expected[n]["kp_score"][k];
        EXPECT_NEAR(people[n].joints[k].score, (s.is_array() ? s[0] : s).get<double>(), 1e-5);
      }
    }
  }
}

TEST(MultiPeak, NobodyInGivesNobodyOut) { EXPECT_TRUE(match_people({}, {}, {}).empty()); }

}  // namespace
}  // namespace pose
