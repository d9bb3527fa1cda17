#include "weights/zip.h"

#include <gtest/gtest.h>

#include "support/torch_files.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

std::string good_pickle() {
  PickleWriter p;
  return p.op("}").text("w").tensor(DType::kF32, "0", 4, 0, {4}, {1}).op("s").finish();
}

ZipWriter good_archive(const std::string& root = "archive") {
  return zip_checkpoint(good_pickle(), {bytes_of<float>({1, 2, 3, 4})}, root);
}

constexpr std::size_t kPickleEntry = 0, kStorageEntry = 2;

void expect_read(const std::string& bytes) {
  EXPECT_EQ(values_of(open_bytes(bytes), "w"), (std::vector<float>{1, 2, 3, 4}));
}

TEST(ZipCheckpoint, AnyArchiveNameAndZip64AreRead) {
  expect_read(good_archive().finish());
  expect_read(good_archive().finish(true));
  expect_read(good_archive("pose hrnet/weights").finish());
  EXPECT_EQ(open_bytes(good_archive().finish()).format(), "pth-zip");
}

TEST(ZipCheckpoint, SizesBehindTheDataAsPyTorchWritesThemAreRead) {
  ZipWriter zip = good_archive();
  for (const ZipWriter::Entry& entry : zip.entries) {
    zip.bytes.replace(entry.offset + 6, 2, "\x08\x08");
    zip.bytes.replace(entry.offset + 14, 12, std::string(12, '\0'));
  }
  expect_read(zip.finish());
}

TEST(ZipCheckpoint, ACommentIsAllowedAndTrailingBytesAreNot) {
  std::string bytes = good_archive().finish();
  bytes[bytes.size() - 2] = 5;
  expect_read(bytes + "hello");
  expect_refused(bytes + "hello!", ErrorKind::kFormat, "directory at the end of the file is missing");
}

TEST(ZipCheckpoint, WrongCrcIsRefused) {
  for (const std::size_t entry : {kPickleEntry, kStorageEntry}) {
    ZipWriter zip = good_archive();
    zip.entries[entry].crc ^= 1;
    zip.bytes[zip.entries[entry].offset + 14] ^= 1;
    expect_refused(zip.finish(), ErrorKind::kFormat, "wrong CRC-32");
  }
}

TEST(ZipCheckpoint, AFlippedBitInAStorageIsSeen) {
  std::string bytes = good_archive().finish();
  const std::size_t storage = bytes.find(bytes_of<float>({1, 2, 3, 4}));
  ASSERT_NE(storage, std::string::npos);
  EXPECT_EQ(storage % 64, 0u);
  bytes[storage + 5] ^= 0x10;
  expect_refused(bytes, ErrorKind::kFormat, "wrong CRC-32");
}

TEST(ZipCheckpoint, CompressedEntriesAndZipBombsAreRefusedWithoutInflating) {
  ZipWriter zip = good_archive();
  ZipWriter::Entry& bomb = zip.entries[kStorageEntry];
  zip.bytes[bomb.offset + 8] = 8;
  zip.bytes.replace(bomb.offset + 22, 4, "\xff\xff\xff\x7f");
  bomb.method = 8;
  bomb.size = 0x7fffffff;
  expect_refused(zip.finish(), ErrorKind::kUnsupported, "a compressed entry");
}

TEST(ZipCheckpoint, OverlappingEntriesAreRefused) {
  ZipWriter zip = good_archive();
  zip.entries.push_back(zip.entries[kStorageEntry]);
  zip.entries.back().name = "archive/data/9";
  expect_refused(zip.finish(), ErrorKind::kFormat, "differs from the directory");

  // An entry that contains the local header of the next one.
  ZipWriter inner, outer;
  inner.add("archive/data/0", "data");
  outer.add("archive/data.pkl", inner.bytes);
  outer.entries.push_back(inner.entries[0]);
  outer.entries.back().offset = outer.bytes.size() - inner.bytes.size();
  expect_refused(outer.finish(), ErrorKind::kFormat, "two zip entries overlap");
}

TEST(ZipCheckpoint, TwoEntriesOfOneNameAreRefused) {
  ZipWriter zip = good_archive();
  zip.add("archive/data/0", "other data");
  expect_refused(zip.finish(), ErrorKind::kFormat, "the same name");
  ZipWriter two = good_archive();
  two.add("other/data.pkl", good_pickle());
  expect_refused(two.finish(), ErrorKind::kFormat, "two data.pkl");
}

TEST(ZipCheckpoint, ADirectoryThatLiesIsRefused) {
  const auto with = [](std::size_t entry, void (*lie)(ZipWriter::Entry&), bool zip64) {
    ZipWriter zip = good_archive();
    lie(zip.entries[entry]);
    return zip.finish(zip64);
  };
  const auto offset = [](ZipWriter::Entry& e) { e.offset += 1; };
  const auto far_offset = [](ZipWriter::Entry& e) { e.offset = ~std::uint64_t{0}; };
  const auto size = [](ZipWriter::Entry& e) { e.size = e.packed_size = 1 << 20; };
  const auto huge_size = [](ZipWriter::Entry& e) { e.size = e.packed_size = ~std::uint64_t{0} - 40; };
  const auto two_sizes = [](ZipWriter::Entry& e) { e.size += 1; };
  const auto name = [](ZipWriter::Entry& e) { e.name = "archive/data/1"; };
  const auto crc = [](ZipWriter::Entry& e) { e.crc += 1; };
  for (const bool zip64 : {false, true}) {
    expect_refused(with(kStorageEntry, offset, zip64), ErrorKind::kFormat, "not where the directory says");
    expect_refused(with(kStorageEntry, size, zip64), ErrorKind::kFormat, "differs from the directory");
    expect_refused(with(kStorageEntry, two_sizes, zip64), ErrorKind::kFormat, "differs from the directory");
    expect_refused(with(kStorageEntry, name, zip64), ErrorKind::kFormat, "differs from the directory");
    expect_refused(with(kStorageEntry, crc, zip64), ErrorKind::kFormat, "differs from the directory");
  }
  expect_refused(with(kStorageEntry, far_offset, true), ErrorKind::kFormat, "behind the end");
  expect_refused(with(kStorageEntry, huge_size, true), ErrorKind::kFormat, "differs from the directory");
}

TEST(ZipCheckpoint, SizesBehindTheDataCannotReachOutside) {
  ZipWriter zip = good_archive();
  ZipWriter::Entry& entry = zip.entries[kStorageEntry];
  zip.bytes[entry.offset + 6] = 8;
  entry.size = entry.packed_size = ~std::uint64_t{0} - 40;
  expect_refused(zip.finish(true), ErrorKind::kFormat, "needs 18446744073709551575 more bytes");
  entry.size = entry.packed_size = 20;
  expect_refused(zip.finish(), ErrorKind::kFormat, "overlap");
}

TEST(ZipCheckpoint, ManyEntriesClaimedAreRefusedBeforeMemoryIsTaken) {
  std::string bytes = good_archive().finish(true);
  const std::size_t record = bytes.rfind("PK\x06\x06");
  bytes.replace(record + 32, 8, std::string(7, '\xff') + "\x0f");
  expect_refused(bytes, ErrorKind::kFormat, "entries, more than 100000");
  bytes.replace(record + 32, 8, std::string("\x10\x27\0\0\0\0\0\0", 8));
  expect_refused(bytes, ErrorKind::kFormat, "more bytes, but only");
  std::string outside = good_archive().finish();
  outside.replace(outside.size() - 6, 4, "\xf0\xff\xff\x7f");
  expect_refused(outside, ErrorKind::kFormat, "not inside the file");
}

TEST(ZipCheckpoint, EncryptedAndSplitArchivesAreNamed) {
  ZipWriter zip = good_archive();
  zip.entries[kStorageEntry].flags = 1;
  expect_refused(zip.finish(), ErrorKind::kUnsupported, "encrypted");
  std::string split = good_archive().finish();
  split[split.size() - 18] = split[split.size() - 16] = 1;
  expect_refused(split, ErrorKind::kUnsupported, "several parts");
}

TEST(ZipCheckpoint, BigEndianFilesAreNamed) {
  for (const auto& [order, kind, message] : {std::tuple{"big", ErrorKind::kUnsupported, "big-endian"},
                                             {"middle", ErrorKind::kFormat, "unknown byte order"}}) {
    ZipWriter zip;
    zip.add("archive/data.pkl", good_pickle());
    zip.add("archive/byteorder", order);
    zip.add("archive/data/0", bytes_of<float>({1, 2, 3, 4}));
    expect_refused(zip.finish(), kind, message);
  }
}

TEST(ZipCheckpoint, NamesAreNeverPaths) {
  ZipWriter zip = good_archive();
  zip.add("../../etc/passwd", "root");
  zip.add("/etc/passwd", "root");
  zip.add("archive/data/../data/1", "root");
  expect_read(zip.finish());
}

TEST(ZipCheckpoint, OtherArchivesAreExplained) {
  ZipWriter zip;
  zip.add("weights/duc_se.pth", "data");
  expect_refused(zip.finish(), ErrorKind::kUnsupported, "unpack it first");
  ZipWriter script = good_archive();
  script.add("archive/constants.pkl", "N.");
  expect_refused(script.finish(), ErrorKind::kUnsupported, "TorchScript");
}

}  // namespace
}  // namespace pose::test
