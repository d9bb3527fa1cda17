#include "base/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const test::TempFolder folder;
  const std::string path = folder / "a.json";
  {
    AtomicFile file(path);
    file.write("half");
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  write_file(path, "whole");
  EXPECT_EQ(test::read_text(path), "whole");
}

TEST(AtomicFile, AFolderThatIsNotThereIsAnIoError) {
  const test::TempFolder folder;
  try {
    AtomicFile file(folder / "no/such/a.json");
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(e.what()).find("a.json"), std::string::npos);
  }
}

TEST(AtomicFile, AFullDiskIsAnIoErrorAtCommit) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const test::TempFolder folder;
  AtomicFile file("/dev/full");
  file.write("x");
  EXPECT_THROW(file.commit(), Error);
}

TEST(AtomicFile, NeitherFollowsNorTouchesFilesThatLieAround) {
  const test::TempFolder folder;
  test::write_text(folder / "a.json.tmp", "mine");
  write_file(folder / "a.json", "new");
  EXPECT_EQ(test::read_text(folder / "a.json.tmp"), "mine");
}

TEST(AtomicFile, HasTheModeThatAPlainOpenGives) {
  const test::TempFolder folder;
  const mode_t before = umask(027);
  write_file(folder / "new", "x");
  umask(before);
  EXPECT_EQ(fs::status(folder / "new").permissions(), fs::perms(0640));
  test::write_text(folder / "old", "x");
  fs::permissions(folder / "old", fs::perms(0604));
  write_file(folder / "old", "y");
  EXPECT_EQ(fs::status(folder / "old").permissions(), fs::perms(0604));
}

TEST(AtomicFile, ReplacesWhatALinkPointsTo) {
  const test::TempFolder folder;
  fs::create_directory(folder / "elsewhere");
  test::write_text(folder / "elsewhere/target", "old");
  fs::create_symlink("elsewhere/target", folder / "link");
  fs::create_symlink("elsewhere/missing", folder / "dangling");
  write_file(folder / "link", "new");
  write_file(folder / "dangling", "made");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(test::read_text(folder / "elsewhere/target"), "new");
  EXPECT_EQ(test::read_text(folder / "elsewhere/missing"), "made");
  fs::create_symlink("loop", folder / "loop");
  EXPECT_THROW(write_file(folder / "loop", "x"), Error);
}

TEST(AtomicFile, WritesPipesAndDescriptorsAndRefusesWhatItCannot) {
  const test::TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(write_file(folder / "pipe", "x"), Error) << "nobody reads it";
  const int reader = ::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  write_file(folder / "pipe", "through");
  char text[16] = {};
  EXPECT_EQ(::read(reader, text, sizeof text), 7);
  EXPECT_STREQ(text, "through");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  fs::create_directory(folder / "folder");
  EXPECT_THROW(write_file(folder / "folder", "x"), Error);
  // What a shell redirected: appended to, not replaced.
  test::write_text(folder / "log", "before ");
  const int log = ::open((folder / "log").c_str(), O_WRONLY | O_APPEND);
  write_file("/proc/self/fd/" + std::to_string(log), "after");
  ::close(log);
  EXPECT_EQ(test::read_text(folder / "log"), "before after");
}

TEST(AtomicFile, TakesNamesAsLongAsTheSystemDoes) {
  const test::TempFolder folder;
  const std::string name(255, 'n');
  write_file(folder / name, "x");
  EXPECT_EQ(test::read_text(folder / name), "x");
}

TEST(AtomicFile, LeftOversOfTheDeadAreRemovedAndNothingElse) {
  const test::TempFolder folder;
  test::write_text(folder / ".pose-abcdefgh23456723.tmp", "of a killed run");
  test::write_text(folder / ".pose-abcdefgh2345672.tmp", "too short to be ours");
  test::write_text(folder / ".pose-ABCDEFGH23456723.tmp", "other digits");
  fs::create_symlink("other", folder / ".pose-bbcdefgh23456723.tmp");
  AtomicFile living(folder / "a");
  living.write("x");
  remove_leftovers(folder.path());
  EXPECT_FALSE(fs::exists(folder / ".pose-abcdefgh23456723.tmp"));
  EXPECT_TRUE(fs::exists(folder / ".pose-abcdefgh2345672.tmp"));
  EXPECT_TRUE(fs::exists(folder / ".pose-ABCDEFGH23456723.tmp"));
  EXPECT_TRUE(fs::is_symlink(folder / ".pose-bbcdefgh23456723.tmp"));
  living.commit();
  EXPECT_EQ(test::read_text(folder / "a"), "x");
}

TEST(AtomicFile, MakeFoldersRefusesAFile) {
  const test::TempFolder folder;
  test::write_text(folder / "file", "");
  EXPECT_THROW(make_folders(folder / "file"), Error);
  EXPECT_NO_THROW(make_folders(folder / "a/b/c"));
}

}  // namespace
}  // namespace pose
