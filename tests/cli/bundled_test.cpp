// The bundled networks on real photos: people and joints against what they gave when they were made.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

/// Pixels that another processor's rounding may move a joint by; a quarter of a heatmap cell is about 1.5.
constexpr double kTolerance = 2.0;

std::string photos() { return test::data_path("../../examples/photos"); }

/// What the program finds on the example photos, with its defaults.
json run(const test::TempFolder& folder, const std::string& more) {
  test::write_text(folder / "list", "astronaut.jpg\ncameraman.jpg\ncrew.jpg\n");
  const std::string command = std::string(POSE_PROGRAM) + " --quiet --indir " + photos() + " --list " +
                              (folder / "list") + " --outdir " + (folder / "out") + " " + more;
  EXPECT_EQ(std::system(command.c_str()), 0);
  return json::parse(test::read_text(folder / "out/alphapose-results.json"));
}

void expect_same(const json& found, const json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i]["image_id"], expected[i]["image_id"]);
    const auto a = found[i]["keypoints"].get<std::vector<double>>(),
               b = expected[i]["keypoints"].get<std::vector<double>>();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); k += 3) {
      if (b[k + 2] < 0.3) continue;  // unsure joints have flat heatmaps: their place means little
      EXPECT_NEAR(a[k], b[k], kTolerance) << "joint " << k / 3 << " of person " << i;
      EXPECT_NEAR(a[k + 1], b[k + 1], kTolerance) << "joint " << k / 3 << " of person " << i;
      EXPECT_NEAR(a[k + 2], b[k + 2], 0.02) << "joint " << k / 3 << " of person " << i;
    }
  }
}

TEST(Bundled, DefaultsFindThePeopleOnTheExamplePhotos) {
  const test::TempFolder folder;
  const json expected = json::parse(test::read_text(test::data_path("golden/bundled.json")));
  ASSERT_GE(expected.size(), 5u) << "five people are on the photos";
  expect_same(run(folder, "--save_img"), expected);
  for (const char* name : {"astronaut.jpg", "cameraman.jpg", "crew.jpg"})
    EXPECT_TRUE(std::filesystem::exists(folder / ("out/vis/" + std::string(name)))) << name;
}

TEST(Bundled, BatchesDoNotChangeWhatIsFound) {
  const test::TempFolder folder;
  const json expected = json::parse(test::read_text(test::data_path("golden/bundled.json")));
  expect_same(run(folder, "--detbatch 3 --posebatch 2"), expected);
}

}  // namespace
}  // namespace pose
