#include "base/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

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
  std::filesystem::create_symlink("/dev/full", folder / "a.json.tmp");
  AtomicFile file(folder / "a.json");
  file.write("x");
  EXPECT_THROW(file.commit(), Error);
}

TEST(AtomicFile, MakeFoldersRefusesAFile) {
  const test::TempFolder folder;
  test::write_text(folder / "file", "");
  EXPECT_THROW(make_folders(folder / "file"), Error);
  EXPECT_NO_THROW(make_folders(folder / "a/b/c"));
}

}  // namespace
}  // namespace pose
