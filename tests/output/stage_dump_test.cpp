#include "output/stage_dump.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

TEST(StageDump, HasEveryStage) {
  const test::TempFolder out;
  StageDump dump;
  dump.boxes = {{{1, 2, 3, 4}, 0.5f, 1, 0}};
  dump.crops.resize(1);
  dump.heatmaps = {Blob({2, 3, 4})};
  dump.people.resize(1);
  dump.people[0].merged = {0, 2};
  write_stage_dump(out / "a/b.jpg", dump);
  EXPECT_EQ(json::parse(test::read_text(out / "a/b.jpg/people.json"))[0]["merged"], (json{0, 2}));
  EXPECT_EQ(json::parse(test::read_text(out / "a/b.jpg/boxes.json"))[0]["box"], (json{1.0, 2.0, 3.0, 4.0}));
  const std::string npy = test::read_text(out / "a/b.jpg/heatmaps.npy");
  EXPECT_EQ(npy.size() % 64, 24u * 4 % 64);
  EXPECT_NE(npy.find("'shape': (1, 2, 3, 4, )"), std::string::npos);
}

}  // namespace
}  // namespace pose
