// The bundled networks on real photos: people and joints against what they gave when they were made.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "support/files.h"

namespace pose {
namespace {

/// What another processor's rounding may move: a quarter of a heatmap cell is about 1.5 pixels. Unsure joints
/// have flat heatmaps: their place means little.
constexpr const char* kTolerances = " --tolerance_px 2 --tolerance_score 0.02 --min_score 0.3 ";

/// Whether the program finds on the example photos, with its defaults, what it found when they were taken.
int run(const test::TempFolder& folder, const std::string& more) {
  test::write_text(folder / "list", "astronaut.jpg\ncameraman.jpg\ncrew.jpg\n");
  return std::system((std::string(POSE_PROGRAM) + " --quiet --indir " +
                      test::data_path("../../examples/photos") + " --list " + (folder / "list") +
                      " --outdir " + (folder / "out") + " --against " +
                      test::data_path("golden/bundled.json") + kTolerances + more)
                         .c_str());
}

TEST(Bundled, DefaultsFindThePeopleOnTheExamplePhotos) {
  const test::TempFolder folder;
  EXPECT_EQ(run(folder, "--save_img"), 0);
  for (const char* name : {"astronaut.jpg", "cameraman.jpg", "crew.jpg"})
    EXPECT_TRUE(std::filesystem::exists(folder / ("out/vis/" + std::string(name)))) << name;
}

TEST(Bundled, BatchesDoNotChangeWhatIsFound) {
  const test::TempFolder folder;
  EXPECT_EQ(run(folder, "--detbatch 3 --posebatch 2"), 0);
}

}  // namespace
}  // namespace pose
