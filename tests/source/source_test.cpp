#include "pose/source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const SourceOptions& options) {
  std::vector<std::string> names;
  for (const SourcePhoto& photo : collect_photos(options)) names.push_back(photo.name);
  return names;
}

using Names = std::vector<std::string>;

class Inputs : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text = "x") {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    test::write_text(folder_ / name, text);
  }
  SourceOptions indir(bool recursive = false) const {
    SourceOptions options;
    options.indir = folder_.path();
    options.recursive = recursive;
    return options;
  }
  test::TempFolder folder_;
};

TEST_F(Inputs, AFolderGivesItsPicturesInNaturalOrder) {
  for (const char* name :
       {"img10.jpg", "img2.JPG", "img1.png", "notes.txt", ".hidden.jpg", "no_extension", "ü ber.jpg"})
    put(name);
  fs::create_directories(folder_ / "folder.jpg");
  put("sub/deep.jpg");
  EXPECT_EQ(names_of(indir()), (Names{"img1.png", "img2.JPG", "img10.jpg", "ü ber.jpg"}));
}

TEST_F(Inputs, RecursiveKeepsTheTreeAndSurvivesLoops) {
  put("b.jpg");
  put("sub/a.jpg");
  put("sub/deeper/c.jpg");
  fs::create_directory_symlink(folder_.path(), folder_ / "sub/loop");
  EXPECT_EQ(names_of(indir(true)), (Names{"b.jpg", "sub/a.jpg", "sub/deeper/c.jpg"}));
}

TEST_F(Inputs, ListNamesAreJoinedToIndirAndKeptInOrder) {
  put("z.jpg");
  put("list.txt", "z.jpg\r\n\nsub/q.jpg\n/elsewhere/k.jpg");
  SourceOptions options = indir();
  options.list = folder_ / "list.txt";
  const std::vector<SourcePhoto> photos = collect_photos(options);
  ASSERT_EQ(photos.size(), 3u);
  EXPECT_EQ(photos[0].path, folder_ / "z.jpg");
  EXPECT_EQ(photos[1].name, "sub/q.jpg");
  EXPECT_EQ(photos[2].path, "/elsewhere/k.jpg");
  EXPECT_EQ(photos[2].name, "elsewhere/k.jpg");
}

TEST_F(Inputs, NamesThatWouldCollideAreKeptApart) {
  put("one/a.jpg");
  put("two/a.jpg");
  put("two/a_2.jpg");
  SourceOptions options;
  options.inputs = {folder_ / "one", folder_ / "two/a.jpg", folder_ / "two"};
  EXPECT_EQ(names_of(options), (Names{"a.jpg", "a_2.jpg", "a_3.jpg", "a_2_2.jpg"}));
}

TEST_F(Inputs, NoNameLeavesTheOutputFolder) {
  put("list.txt", "../../etc/passwd.jpg\n..\n./a/../../b.jpg\n");
  SourceOptions options;
  options.list = folder_ / "list.txt";
  for (const std::string& name : names_of(options)) {
    EXPECT_EQ(name.find(".."), std::string::npos) << name;
    EXPECT_NE(name[0], '/') << name;
  }
}

TEST_F(Inputs, NothingToReadIsAUsageError) {
  for (const SourceOptions& options : {SourceOptions{}, indir()}) {
    try {
      collect_photos(options);
      ADD_FAILURE() << "did not throw";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    }
  }
}

TEST_F(Inputs, AFileThatIsMissingIsLeftToTheReader) {
  SourceOptions options;
  options.inputs = {"/no/such/photo.jpg"};
  EXPECT_EQ(names_of(options), (Names{"photo.jpg"}));
  SourceOptions missing;
  missing.indir = "/no/such/folder";
  EXPECT_THROW(collect_photos(missing), Error);
}

TEST(VisName, KeepsEndingsThatCanBeWritten) {
  EXPECT_EQ(vis_name("a/b.JPG"), "a/b.JPG");
  EXPECT_EQ(vis_name("a.gif"), "a.gif.jpg");
  EXPECT_EQ(vis_name("photo"), "photo.jpg");
}

TEST(NaturalLess, IsAStrictOrder) {
  Names names{"a", "a1", "a01", "a2", "a10", "b", "a1b", "1", "01", "", "a1b2", "a1b10"};
  std::sort(names.begin(), names.end(), natural_less);
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < names.size(); ++j)
      EXPECT_EQ(natural_less(names[i], names[j]), i < j) << names[i] << " " << names[j];
}

}  // namespace
}  // namespace pose
