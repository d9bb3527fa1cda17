#include "base/read_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

constexpr std::size_t kAny = 1 << 20;

std::string text_in(const std::string& path, std::size_t most = kAny) {
  const FileBytes file = read_file(path, most);
  return std::string(text_of(file));
}

template <typename Work>
Error error_of(Work work) {
  try {
    work();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "did not throw";
  return Error::internal("");
}

void make_socket(const std::string& path) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  close(descriptor);
}

TEST(ReadFile, GivesAllBytesAndTheStamp) {
  const test::TempFolder folder;
  std::string text(100'000, 'x');
  text += std::string("\0\xFF end", 6);
  test::write_text(folder / "a", text);
  test::write_text(folder / "empty", "");
  const FileBytes file = read_file(folder / "a", text.size());
  EXPECT_EQ(text_of(file), text);
  EXPECT_EQ(file.stamp.bytes, static_cast<std::int64_t>(text.size()));
  struct stat info {};
  ASSERT_EQ(stat((folder / "a").c_str(), &info), 0);
  EXPECT_EQ(file.stamp.modified_ns, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec);
  EXPECT_EQ(text_in(folder / "empty"), "");
}

TEST(ReadFile, TheLimitIsTheGreatestSizeThatIsRead) {
  const test::TempFolder folder;
  test::write_text(folder / "a", "12345");
  EXPECT_EQ(text_in(folder / "a", 5), "12345");
  EXPECT_EQ(error_of([&] { text_in(folder / "a", 4); }).kind(), ErrorKind::kUnsupported);
  // Holes count too, and nothing is taken for them.
  std::filesystem::resize_file(folder / "a", std::uintmax_t{1} << 40);
  EXPECT_EQ(error_of([&] { text_in(folder / "a"); }).kind(), ErrorKind::kUnsupported);
}

TEST(ReadFile, WhatIsNoFileIsRefusedInWordsAtOnce) {
  const test::TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  make_socket(folder / "socket");
  std::filesystem::create_symlink(folder / "pipe", folder / "link");
  const std::pair<std::string, const char*> cases[] = {{folder.path(), "it is a folder"},
                                                       {folder / "pipe", "it is a pipe"},
                                                       {folder / "link", "it is a pipe"},
                                                       {folder / "socket", "it is a socket"},
                                                       {"/dev/zero", "it is a device"}};
  for (const auto& [path, words] : cases) {
    for (const Error& error :
         {error_of([&, p = path] { read_file(p, kAny); }), error_of([&, p = path] { MappedFile::open(p); }),
          error_of([&, p = path] { sha256_of_file(p); })}) {
      EXPECT_EQ(error.kind(), ErrorKind::kIo);
      EXPECT_NE(std::string(error.what()).find(path + ": " + words), std::string::npos) << error.what();
    }
  }
  for (const auto& path : {folder / "missing", folder / "pipe/below"})
    EXPECT_EQ(error_of([&] { text_in(path); }).kind(), ErrorKind::kNotFound);
}

/// Kilobytes of mapped files that this process has in memory.
long mapped_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "RssFile:") {
      long kilobytes = 0;
      status >> kilobytes;
      return kilobytes;
    }
  return -1;
}

TEST(MappedFile, ForgottenPagesLeaveMemoryAndComeBack) {
  const test::TempFolder folder;
  const std::string text(8 << 20, 'x');
  test::write_text(folder / "large", text);
  const auto file = MappedFile::open(folder / "large");
  const auto all_there = [&] { return std::memcmp(file->data(), text.data(), text.size()) == 0; };
  ASSERT_TRUE(all_there());
  const long before = mapped_kilobytes();
  MappedFile::forget(file->data() + 1, text.size() - 2);
  EXPECT_LT(mapped_kilobytes(), before - 6 * 1024);
  EXPECT_TRUE(all_there());

  std::string elsewhere(1 << 20, 'y');
  MappedFile::forget(elsewhere.data(), elsewhere.size());
  MappedFile::forget(file->data() + text.size() - 10, 1 << 20);  // would leave the file
  EXPECT_EQ(elsewhere, std::string(1 << 20, 'y'));
}

TEST(ReadFile, NoPermissionIsAnIoError) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const test::TempFolder folder;
  test::write_text(folder / "a", "x");
  ASSERT_EQ(chmod((folder / "a").c_str(), 0), 0);
  EXPECT_EQ(error_of([&] { text_in(folder / "a"); }).kind(), ErrorKind::kIo);
}

TEST(ReadFile, AFileThatShrinksOrGrowsMeanwhileGivesWhatIsThere) {
  const test::TempFolder folder;
  for (const std::size_t size_later : {std::size_t{0}, std::size_t{1000}, std::size_t{300'000}}) {
    test::write_text(folder / "a", std::string(100'000, 'x'));
    InputFile file(folder / "a");
    std::vector<std::uint8_t> start;
    file.append_to(start, 10);
    EXPECT_EQ(start.size(), 10u);
    std::filesystem::resize_file(folder / "a", size_later);
    const FileBytes rest = read_rest(file, start, kAny);
    EXPECT_EQ(rest.bytes.size(), std::max(size_later, std::size_t{10}));
    EXPECT_EQ(rest.stamp.bytes, 100'000);
  }
}

TEST(ReadFile, AFileThatGrowsBeyondTheLimitIsRefused) {
  const test::TempFolder folder;
  test::write_text(folder / "a", "1234");
  InputFile file(folder / "a");
  test::write_text(folder / "a", "123456");
  EXPECT_EQ(error_of([&] { read_rest(file, {}, 5); }).kind(), ErrorKind::kUnsupported);
}

TEST(ReadFile, AFileWhoseSizeIsNotKnownIsReadToItsEnd) {
  const std::string path = "/proc/self/status";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << " here";
  const FileBytes file = read_file(path, kAny);
  EXPECT_EQ(file.stamp.bytes, 0);
  EXPECT_NE(text_of(file).find("VmPeak"), std::string::npos);
}

TEST(Sha256, IsTheStandardsForFilesOfAllSizes) {
  const test::TempFolder folder;
  test::write_text(folder / "abc", "abc");
  test::write_text(folder / "empty", "");
  test::write_text(folder / "million", std::string(1'000'000, 'a'));
  test::write_text(folder / "chunks", std::string(3 * (std::size_t{1} << 20) + 1, 'a'));
  EXPECT_EQ(sha256_of_file(folder / "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of_file(folder / "empty"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of_file(folder / "million"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256_of_file(folder / "chunks"),
            "2b98b70051781969f52a33c9cd0e8392bb7a634a92a3be4597b25e13feb41ee6");
}

}  // namespace
}  // namespace pose
