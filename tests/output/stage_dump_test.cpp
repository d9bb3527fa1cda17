#include "output/stage_dump.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

Blob maps_of(float first) {
  Blob maps({2, 1, 3});
  for (int i = 0; i < 6; ++i) maps.data()[i] = first + static_cast<float>(i);
  return maps;
}

TEST(StageDump, HoldsWhatEveryStageMade) {
  const test::TempFolder folder;
  StageDump dump;
  dump.boxes_before_nms = {{{1, 2, 3, 4.5f}, 0.5f, 0.25f, 7}, {{5, 6, 7, 8}, 0.75f, 1, 0}};
  dump.boxes = {dump.boxes_before_nms[1]};
  Crop alphapose, affine;
  alphapose.kind = Crop::Kind::kAlphaPose;
  alphapose.grown = {1, 2, 3, 4};
  alphapose.input = {256, 320};
  alphapose.area = 12.5;
  affine.kind = Crop::Kind::kAffine;
  affine.center = {10, 20};
  affine.scale = {0.5f, 0.75f};
  affine.to_input = {1, 2, 3, 4, 5, 6};
  dump.crops = {alphapose, affine};
  Person person;
  person.index = 3;
  person.merged = {1, 3};
  person.score = 0.125;
  person.detection = dump.boxes[0];
  person.joints = {{1.5f, 2.5f, 0.5f}, {3, 4, 1}};
  dump.decoded = {person, person};
  dump.people = {person};
  dump.heatmaps = {maps_of(1), maps_of(7)};
  write_stage_dump(folder / "a/b", dump);

  const auto read = [&](const std::string& name) {
    return json::parse(test::read_text(folder / ("a/b/" + name)));
  };
  const json boxes =
      json::parse(R"([{"box": [1.0, 2.0, 3.0, 4.5], "score": 0.5, "class_score": 0.25, "class_id": 7},
                                     {"box": [5.0, 6.0, 7.0, 8.0], "score": 0.75, "class_score": 1.0, "class_id": 0}])");
  EXPECT_EQ(read("boxes_before_nms.json"), boxes);
  EXPECT_EQ(read("boxes.json"), json::array({boxes[1]}));
  EXPECT_EQ(
      read("crops.json"),
      json::parse(
          R"([{"kind": "alphapose", "grown": [1.0, 2.0, 3.0, 4.0], "to_input": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             "input": [256, 320], "area": 12.5},
                            {"kind": "affine", "center": [10.0, 20.0], "scale": [0.5, 0.75],
                             "to_input": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "input": [0, 0], "area": 0.0}])"));
  const json people =
      json::parse(R"([{"index": 3, "merged": [1, 3], "box": [5.0, 6.0, 7.0, 8.0], "score": 0.125,
                                       "keypoints": [1.5, 2.5, 0.5, 3.0, 4.0, 1.0]}])");
  EXPECT_EQ(read("people.json"), people);
  EXPECT_EQ(read("decoded.json"), json::array({people[0], people[0]}));
  EXPECT_EQ(test::read_text(folder / "a/b/people.json").substr(0, 3), "[\n{") << "one entry a line";

  const std::string npy = test::read_text(folder / "a/b/heatmaps.npy");
  ASSERT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t header = static_cast<std::uint8_t>(npy[8]) + 256u * static_cast<std::uint8_t>(npy[9]);
  EXPECT_EQ((10 + header) % 64, 0u) << "the numbers are aligned";
  EXPECT_EQ(npy.substr(10, 69), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 1, 3, ), }  ");
  EXPECT_EQ(npy[10 + header - 1], '\n');
  ASSERT_EQ(npy.size(), 10 + header + 12 * sizeof(float));
  for (std::size_t i = 0; i < 12; ++i) {
    float value = 0;
    std::memcpy(&value, npy.data() + 10 + header + 4 * i, sizeof value);
    EXPECT_EQ(value, static_cast<float>(i + 1));
  }
}

TEST(StageDump, APhotoWithoutPeopleHasEmptyListsAndNoMaps) {
  const test::TempFolder folder;
  write_stage_dump(folder.path(), {});
  for (const char* name : {"boxes_before_nms", "boxes", "crops", "decoded", "people"})
    EXPECT_EQ(json::parse(test::read_text(folder / (std::string(name) + ".json"))), json::array()) << name;
  EXPECT_NE(test::read_text(folder / "heatmaps.npy").find("'shape': (0, 0, 0, 0, )"), std::string::npos);
}

TEST(Npy, HeadersBeyond255BytesHaveTwoBytesForTheirLength) {
  const test::TempFolder folder;
  write_npy(folder / "a.npy", std::vector<std::int64_t>(100, 1), {});
  const std::string npy = test::read_text(folder / "a.npy");
  EXPECT_EQ(10u + static_cast<std::uint8_t>(npy[8]) + 256u * static_cast<std::uint8_t>(npy[9]), npy.size());
  EXPECT_GT(npy.size(), 300u);
  EXPECT_EQ(npy.size() % 64, 0u);
}

}  // namespace
}  // namespace pose
