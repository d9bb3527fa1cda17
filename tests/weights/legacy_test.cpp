#include <gtest/gtest.h>

#include "support/torch_files.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

const std::string kFourFloats = bytes_of<float>({1, 2, 3, 4});

std::string pickle_of(std::int64_t elements = 4) {
  PickleWriter p;
  return p.op("}").text("w").tensor(DType::kF32, "0", elements, 0, {4}, {1}).op("s").finish();
}

/// The storage "7" of six floats with a tensor in the part of it that begins at `offset` and has `size`
/// elements.
std::string with_view(std::int64_t offset, std::int64_t size) {
  PickleWriter p;
  p.op("}").text("w").global("torch._utils", "_rebuild_tensor").op("((");
  p.text("storage").global("torch", "FloatStorage").text("7").text("cpu").integer(6);
  p.op("(").text("8").integer(offset).integer(size).op("ttQ").integer(1).integers({2}).integers({1}).op(
      "tRs");
  return legacy_checkpoint(p.finish(), {{"7", 6, bytes_of<float>({0, 1, 2, 3, 4, 5})}});
}

TEST(LegacyCheckpoint, ReadsWhatItsWriterWrote) {
  const TensorFile file = open_bytes(legacy_checkpoint(pickle_of(), {{"0", 4, kFourFloats}}));
  EXPECT_EQ(file.format(), "pth-legacy");
  EXPECT_EQ(values_of(file, "w"), (std::vector<float>{1, 2, 3, 4}));
}

TEST(LegacyCheckpoint, StorageViewsOfOldFilesAreFollowed) {
  EXPECT_EQ(values_of(open_bytes(with_view(2, 3)), "w"), (std::vector<float>{3, 4}));
  EXPECT_EQ(values_of(open_bytes(with_view(3, 3)), "w"), (std::vector<float>{4, 5}));
}

TEST(LegacyCheckpoint, StorageViewsOutsideTheirStorageAreRefused) {
  expect_refused(with_view(2, 2), ErrorKind::kFormat, "reaches outside its storage of 8 bytes");
  for (const auto& [offset, size] : {std::pair<std::int64_t, std::int64_t>{4, 3}, {7, 0}, {-1, 3}, {2, -1}})
    expect_refused(with_view(offset, size), ErrorKind::kFormat, "a view that reaches outside its storage");
}

TEST(LegacyCheckpoint, StoragesMustBeExactlyThoseOfThePickle) {
  const std::int64_t huge = std::int64_t{1} << 60;
  expect_refused(legacy_checkpoint(pickle_of(), {{"0", 3, kFourFloats}}), ErrorKind::kFormat, "3 elements");
  expect_refused(legacy_checkpoint(pickle_of(), {{"0", -1, kFourFloats}}), ErrorKind::kFormat, "-1 elements");
  expect_refused(legacy_checkpoint(pickle_of(huge), {{"0", huge, kFourFloats}}), ErrorKind::kFormat,
                 "needs 4611686018427387904 more bytes");
  expect_refused(legacy_checkpoint(pickle_of(), {}), ErrorKind::kFormat, "a storage without bytes");
  expect_refused(legacy_checkpoint(pickle_of(), {{"1", 4, kFourFloats}}), ErrorKind::kFormat,
                 "that no tensor uses");
  expect_refused(legacy_checkpoint(pickle_of(), {{"0", 4, kFourFloats}, {"0", 4, kFourFloats}}),
                 ErrorKind::kFormat, "comes twice");
  expect_refused(legacy_checkpoint(pickle_of(), {{"0", 4, kFourFloats}}) + "x", ErrorKind::kFormat,
                 "behind the last");
}

TEST(LegacyCheckpoint, OneStorageHasOneType) {
  PickleWriter p;
  p.op("}(")
      .text("a")
      .tensor(DType::kF32, "0", 4, 0, {4}, {1})
      .text("b")
      .tensor(DType::kF64, "0", 4, 0, {4}, {1})
      .op("u");
  expect_refused(legacy_checkpoint(p.finish(), {{"0", 4, kFourFloats}}), ErrorKind::kFormat,
                 "two sizes or types");
}

TEST(LegacyCheckpoint, BigEndianFilesAreNamed) {
  std::string bytes = legacy_checkpoint(pickle_of(), {{"0", 4, kFourFloats}});
  const std::size_t flag = bytes.find("little_endian") + 13;
  ASSERT_EQ(bytes[flag], '\x88');
  bytes[flag] = '\x89';
  expect_refused(bytes, ErrorKind::kUnsupported, "big-endian");
}

TEST(LegacyCheckpoint, OtherVersionsAreRefused) {
  std::string bytes = legacy_checkpoint(pickle_of(), {{"0", 4, kFourFloats}});
  const std::size_t version = bytes.find("\xe9\x03");
  bytes[version] = 0;
  expect_refused(bytes, ErrorKind::kFormat, "unknown version");
}

}  // namespace
}  // namespace pose::test
