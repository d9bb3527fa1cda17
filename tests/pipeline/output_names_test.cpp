// What can be known of outputs before a run.

#include "pipeline/output_names.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

class OutputNames : public testing::Test {
 protected:
  OutputNames() {
    options_.outdir = folder_ / "out";
    options_.save_img = true;
  }

  /// What is said against the pictures of photos of these names, "" where nothing is.
  std::vector<std::string> picture_faults(const std::vector<std::string>& names) const {
    std::vector<SourcePhoto> photos;
    for (const std::string& name : names) photos.push_back({"/photos/" + name, name});
    std::vector<std::string> said;
    for (const OutputFaults& faults : output_faults(photos, options_)) {
      EXPECT_FALSE(faults.results);
      EXPECT_EQ(faults.picture.value_or(Error::usage("")).kind(), ErrorKind::kUsage);
      said.push_back(faults.picture ? faults.picture->what() : "");
    }
    return said;
  }

  test::TempFolder folder_;
  OutputOptions options_;
};

using Texts = std::vector<std::string>;

TEST_F(OutputNames, NothingInTheWayIsNoFault) {
  EXPECT_EQ(picture_faults({"a.png", "b.png", "folder/a.png"}), (Texts{"", "", ""}));
}

TEST_F(OutputNames, TheFirstOfTwoPhotosHasThePicture) {
  EXPECT_EQ(picture_faults({"a.gif", "a.gif.jpg", "b.jpg"}),
            (Texts{"", "its picture would be a.gif.jpg, which is that of a.gif", ""}));
}

TEST_F(OutputNames, FoldersAndFilesInTheWayAreNamed) {
  const std::string vis = options_.outdir + "/vis";
  fs::create_directories(vis + "/a.png");
  test::write_text(vis + "/file", "");
  test::write_text(vis + "/old.png", "");
  EXPECT_EQ(picture_faults({"a.png", "file/b.png", "old.png"}),
            (Texts{vis + "/a.png is a folder, and its picture should go there",
                   vis + "/file is a file, and its picture needs a folder there", ""}));
  fs::remove_all(vis);
  test::write_text(vis, "");
  EXPECT_EQ(picture_faults({"c.png"}), Texts{vis + " is a file, and its picture needs a folder there"});
}

TEST_F(OutputNames, NoPictureTakesThePlaceOfAPhoto) {
  const std::string vis = options_.outdir + "/vis";
  fs::create_directories(vis);
  fs::create_symlink("../b.png", vis + "/b.png");
  const std::vector<SourcePhoto> photos{{options_.outdir + "/a.png", "a.png"},
                                        {options_.outdir + "/../out/vis/a.png", "vis/a.png"},
                                        {options_.outdir + "/b.png", "b.png"}};
  test::write_text(options_.outdir + "/b.png", "");
  const std::vector<OutputFaults> faults = output_faults(photos, options_);
  EXPECT_EQ(faults[0].picture.value().what(),
            "its picture would take the place of the photo " + vis + "/a.png");
  EXPECT_FALSE(faults[1].picture) << "vis/vis/a.png";
  EXPECT_TRUE(faults[2].picture) << "through a link";
  options_.save_img = false;
  EXPECT_FALSE(output_faults(photos, options_)[0].picture);
}

TEST_F(OutputNames, NamesAreAsLongAsTheSystemHasThem) {
  const std::string longest = std::string(251, 'x') + ".png";
  const std::string fault = "its name is too long for a file in " + options_.outdir + "/vis";
  EXPECT_EQ(picture_faults({longest, "x" + longest, longest + "/a.png", "x" + longest + "/a.png"}),
            (Texts{"", fault, "", fault}));
  // The whole way: 4095 bytes and one more.
  std::string name;
  while ((options_.outdir + "/vis/" + name).size() + 102 <= 4095) name += std::string(100, 'y') + "/";
  name += std::string(4095 - (options_.outdir + "/vis/" + name + ".png").size(), 'z') + ".png";
  EXPECT_EQ(picture_faults({name, "z" + name}), (Texts{"", fault}));
}

TEST_F(OutputNames, WithoutPicturesNobodyLooks) {
  options_.save_img = false;
  EXPECT_EQ(picture_faults({"a.gif", "a.gif.jpg", std::string(300, 'x')}), (Texts{"", "", ""}));
}

TEST_F(OutputNames, AFormMayRefuseAName) {
  options_.format = "coco-eval";
  const std::vector<OutputFaults> faults =
      output_faults({{"a/0007.png", "0007.png"}, {"b.png", "b.png"}}, options_);
  EXPECT_FALSE(faults.at(0).results);
  ASSERT_TRUE(faults.at(1).results);
  EXPECT_EQ(faults[1].results->kind(), ErrorKind::kUsage);
  EXPECT_FALSE(faults[1].picture);
  options_.format = "nonsense";
  test::expect_error(ErrorKind::kUsage, "nonsense", [&] { output_faults({}, options_); });
}

}  // namespace
}  // namespace pose
