#include "detect/rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

YoloRows rows_of(const json& photo, int classes) {
  YoloRows rows;
  rows.classes = classes;
  for (const json& row : photo) {
    for (int i = 0; i < 5; ++i) rows.values.push_back(row[static_cast<std::size_t>(i)].get<float>());
    std::vector<float> scores(static_cast<std::size_t>(classes), 0.0f);
    for (const auto& [name, score] : row[5].items()) scores.at(std::stoul(name)) = score.get<float>();
    rows.values.insert(rows.values.end(), scores.begin(), scores.end());
  }
  return rows;
}

void expect_rows(const json& dets, const std::vector<std::vector<Detection>>& kept) {
  std::size_t next = 0;
  for (std::size_t photo = 0; photo < kept.size(); ++photo) {
    for (const Detection& d : kept[photo]) {
      ASSERT_LT(next, dets.size());
      const json& row = dets[next++];
      EXPECT_EQ(row[0].get<std::size_t>(), photo);
      EXPECT_EQ(row[1].get<float>(), d.box.x1);
      EXPECT_EQ(row[2].get<float>(), d.box.y1);
      EXPECT_EQ(row[3].get<float>(), d.box.x2);
      EXPECT_EQ(row[4].get<float>(), d.box.y2);
      EXPECT_EQ(row[5].get<float>(), d.score);
      EXPECT_EQ(row[6].get<float>(), d.class_score);
      EXPECT_EQ(row[7].get<int>(), d.class_id);
    }
  }
  EXPECT_EQ(next, dets.size());
}

void expect_photo(const json& expected, const std::vector<Detection>& kept, Size input, Size photo,
                  const DetectorRules& rules) {
  if (expected.is_null()) {
    EXPECT_TRUE(kept.empty());
    return;
  }
  ASSERT_EQ(kept.size(), expected.at("boxes").size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Box box = rules.to_photo(kept[i].box, input, photo);
    const json& want = expected.at("boxes")[i];
    EXPECT_NEAR(box.x1, want[0].get<float>(), 1e-4);
    EXPECT_NEAR(box.y1, want[1].get<float>(), 1e-4);
    EXPECT_NEAR(box.x2, want[2].get<float>(), 1e-4);
    EXPECT_NEAR(box.y2, want[3].get<float>(), 1e-4);
    EXPECT_EQ(kept[i].score, expected.at("scores")[i].get<float>());
  }
}

TEST(AlphaposeRules, give_the_boxes_of_the_reference) {
  const json golden = test::golden("detector_post.json");
  const auto conf = golden.at("confidence").get<float>(), nms = golden.at("nms").get<float>();
  const DetectorRules& rules = detector_rules("alphapose");
  DetectorRules once = rules;
  once.second_pass_above = 0;
  ASSERT_EQ(golden.at("cases").size(), 23u);
  for (const json& c : golden.at("cases")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const int side = c.at("inp_dim");
    std::vector<Size> photos;
    std::vector<std::vector<Detection>> found;
    for (std::size_t i = 0; i < c.at("rows").size(); ++i) {
      photos.push_back({c.at("image_sizes")[i][0], c.at("image_sizes")[i][1]});
      found.push_back(rules.candidates(rows_of(c.at("rows")[i], golden.at("num_classes")),
                                       {{side, side}, photos[i], 0, conf}));
    }
    const auto kept = suppress_boxes(found, rules, nms);
    if (c.contains("reference_fails")) {
      for (const auto& photo : kept) EXPECT_TRUE(photo.empty());
      continue;
    }
    std::size_t first_pass = 0;
    for (const auto& photo : suppress_boxes(found, once, nms)) first_pass += photo.size();
    EXPECT_EQ(first_pass, c.at("count_first_pass"));
    expect_rows(c.at("dets"), kept);
    for (std::size_t i = 0; i < photos.size(); ++i)
      expect_photo(c.at("images")[i], kept[i], {side, side}, photos[i], rules);
  }
}

/// One row with two classes.
YoloRows row(float cx, float cy, float w, float h, float objectness, float first, float second) {
  return {2, {cx, cy, w, h, objectness, first, second}};
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(AlphaposeRules, take_the_class_that_is_asked_for) {
  const auto candidates = detector_rules("alphapose").candidates;
  const YoloRows rows = row(50, 50, 10, 10, 0.9f, 0.3f, 0.8f);
  EXPECT_TRUE(candidates(rows, {{100, 100}, {100, 100}, 0, 0.05f}).empty());
  const auto found = candidates(rows, {{100, 100}, {100, 100}, 1, 0.05f});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].score, 0.9f);
  EXPECT_EQ(found[0].class_score, 0.8f);
  EXPECT_EQ(found[0].class_id, 1);
}

TEST(DarknetRules, multiply_objectness_with_the_person_score_and_scale_to_the_photo) {
  const auto found = detector_rules("darknet").candidates(row(160, 80, 40, 80, 0.5f, 0.8f, 0.9f),
                                                          {{320, 320}, {640, 960}, 0, 0.3f});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].score, 0.4f);
  EXPECT_FLOAT_EQ(found[0].class_score, 0.8f);
  EXPECT_FLOAT_EQ(found[0].box.x1, 280);
  EXPECT_FLOAT_EQ(found[0].box.y1, 120);
  EXPECT_FLOAT_EQ(found[0].box.x2, 360);
  EXPECT_FLOAT_EQ(found[0].box.y2, 360);
}

TEST(DarknetRules, keep_a_score_and_an_overlap_at_the_threshold) {
  const DetectorRules& rules = detector_rules("darknet");
  EXPECT_EQ(rules.candidates(row(50, 50, 10, 10, 0.5f, 0.5f, 0), {{100, 100}, {100, 100}, 0, 0.25f}).size(),
            1u);
  EXPECT_EQ(rules.candidates(row(50, 50, 10, 10, 0.5f, 0.5f, 0), {{100, 100}, {100, 100}, 0, 0.2501f}).size(),
            0u);
  const std::vector<Detection> pair{{{0, 0, 10, 10}, 0.9f, 0.9f, 0},
                                    {{0, 0, 10, 5}, 0.8f, 0.8f, 0}};  // IoU 0.5
  EXPECT_EQ(suppress_boxes({pair}, rules, 0.5f)[0].size(), 2u);
  EXPECT_EQ(suppress_boxes({pair}, rules, 0.49f)[0].size(), 1u);
}

TEST(DarknetRules, let_boxes_leave_the_photo_but_not_overflow) {
  const DetectorRules& rules = detector_rules("darknet");
  const auto found = rules.candidates(row(10, 10, 60, 20, 0.9f, 0.9f, 0), {{100, 100}, {100, 100}, 0, 0.3f});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(rules.to_photo(found[0].box, {100, 100}, {100, 100}).x1, -20);
  EXPECT_TRUE(
      rules.candidates(row(10, 10, kInf, 20, 0.9f, 0.9f, 0), {{100, 100}, {100, 100}, 0, 0.3f}).empty());
}

TEST(DetectorRules, never_choose_rows_that_are_no_numbers) {
  for (const char* name : {"alphapose", "darknet"}) {
    const auto candidates = detector_rules(name).candidates;
    const CandidateQuery query{{100, 100}, {50, 50}, 0, 0.05f};
    EXPECT_TRUE(candidates(row(kNan, 5, 5, 5, 0.9f, 0.9f, 0), query).empty());
    EXPECT_TRUE(candidates(row(5, 5, kInf - kInf, 5, 0.9f, 0.9f, 0), query).empty());
    EXPECT_TRUE(candidates(row(5, 5, 5, 5, kNan, 0.9f, 0), query).empty());
    EXPECT_TRUE(candidates(row(5, 5, 5, 5, 0.9f, kNan, 0), query).empty());
  }
}

TEST(AlphaposeRules, clip_an_overflowed_box_to_the_photo) {
  const DetectorRules& rules = detector_rules("alphapose");
  const auto found = rules.candidates(row(50, 50, kInf, 10, 0.9f, 0.9f, 0), {{100, 100}, {80, 80}, 0, 0.05f});
  ASSERT_EQ(found.size(), 1u);
  const Box box = rules.to_photo(found[0].box, {100, 100}, {80, 80});
  EXPECT_EQ(box.x1, 0);
  EXPECT_EQ(box.x2, 80);
}

TEST(DetectorRules, look_at_a_limited_number_of_candidates) {
  for (const char* name : {"alphapose", "darknet"}) {
    YoloRows rows{1, {}};
    for (int i = 0; i < 40'000; ++i) {
      const float v = 0.1f + 1e-5f * static_cast<float>(i);
      rows.values.insert(rows.values.end(), {50, 50, 10, 10, v, 1});
    }
    const auto found = detector_rules(name).candidates(rows, {{100, 100}, {100, 100}, 0, 0.05f});
    EXPECT_EQ(found.size(), 30'000u);
    EXPECT_EQ(found[0].score, rows[39'999][4]);
  }
}

TEST(DetectorRules, suggest_the_nearest_name) {
  try {
    detector_rules("darknett");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_NE(std::string(error.what()).find("'darknet'"), std::string::npos);
  }
}

}  // namespace
}  // namespace pose
