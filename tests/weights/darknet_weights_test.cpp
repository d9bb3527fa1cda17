#include "weights/darknet_weights.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

const std::vector<DarknetTensor> kOrder{{"0.bn.bias", {2}},
                                        {"0.conv.weight", {2, 3, 1, 1}},
                                        {"2.conv.bias", {1}},
                                        {"2.conv.weight", {1, 2, 1, 1}}};
constexpr std::size_t kFloats = 2 + 6 + 1 + 2;

/// A file with the given version and numbers 0, 1, 2, ... behind a header of `header` bytes.
std::vector<std::uint8_t> make_file(std::int32_t major, std::int32_t minor, std::size_t header,
                                    std::size_t floats) {
  std::vector<std::uint8_t> bytes(header + floats * 4);
  std::memcpy(bytes.data(), &major, 4);
  std::memcpy(bytes.data() + 4, &minor, 4);
  for (std::size_t i = 0; i < floats; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(bytes.data() + header + i * 4, &value, 4);
  }
  return bytes;
}

TensorFile parse(const std::vector<std::uint8_t>& bytes) {
  return parse_darknet_weights(bytes.data(), bytes.size(), nullptr, kOrder, "x.weights");
}

void expect_error(const std::vector<std::uint8_t>& bytes, ErrorKind kind, const std::string& part) {
  try {
    parse(bytes);
    FAIL() << "no error, expected: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

float first_of(const TensorFile& file, const std::string& key) {
  float value = -1;
  std::memcpy(&value, file.find(key)->data, sizeof value);
  return value;
}

TEST(DarknetWeights, cuts_the_numbers_into_tensors_in_file_order) {
  const auto bytes = make_file(0, 2, 20, kFloats);
  const TensorFile file = parse(bytes);
  EXPECT_EQ(file.format(), "darknet");
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(first_of(file, "0.bn.bias"), 0);
  EXPECT_EQ(first_of(file, "0.conv.weight"), 2);
  EXPECT_EQ(first_of(file, "2.conv.bias"), 8);
  EXPECT_EQ(first_of(file, "2.conv.weight"), 9);
  EXPECT_EQ(file.find("0.conv.weight")->shape, (std::vector<std::int64_t>{2, 3, 1, 1}));
  EXPECT_TRUE(file.find("0.conv.weight")->contiguous());
}

TEST(DarknetWeights, follows_the_version_for_the_length_of_the_header) {
  for (const auto& [major, minor, header] : std::vector<std::array<std::int32_t, 3>>{
           {0, 1, 16}, {0, 2, 20}, {1, 0, 20}, {0, 999, 20}, {0, 1000, 16}, {1000, 0, 16}, {-5, 3, 16}})
    EXPECT_EQ(
        first_of(parse(make_file(major, minor, static_cast<std::size_t>(header), kFloats)), "0.bn.bias"), 0)
        << major << "." << minor;
}

TEST(DarknetWeights, takes_a_long_header_of_an_old_version_if_only_that_fits) {
  EXPECT_EQ(first_of(parse(make_file(0, 1, 20, kFloats)), "0.bn.bias"), 0);
  expect_error(make_file(0, 2, 16, kFloats), ErrorKind::kMismatch,
               "within section 2 (2.conv.weight: 1 of 2 numbers)");
}

TEST(DarknetWeights, says_where_a_short_file_ends) {
  expect_error(make_file(0, 2, 20, 8), ErrorKind::kMismatch,
               "8 numbers, the cfg needs 11: the file ends after section 0 (a partial");
  expect_error(make_file(0, 2, 20, 5), ErrorKind::kMismatch,
               "within section 0 (0.conv.weight: 3 of 6 numbers)");
  expect_error(make_file(0, 2, 20, 0), ErrorKind::kMismatch, "within section 0 (0.bn.bias: 0 of 2 numbers)");
  auto bytes = make_file(0, 2, 20, 9);
  bytes.pop_back();
  expect_error(bytes, ErrorKind::kMismatch, "8 numbers and a broken one");
}

TEST(DarknetWeights, refuses_what_is_left_over) {
  expect_error(make_file(0, 2, 20, kFloats + 3), ErrorKind::kMismatch, "12 bytes are left over");
  auto bytes = make_file(0, 2, 20, kFloats);
  bytes.push_back(0);
  expect_error(bytes, ErrorKind::kMismatch, "1 bytes are left over");
}

TEST(DarknetWeights, refuses_files_without_a_header) {
  expect_error({}, ErrorKind::kFormat, "too few");
  expect_error(std::vector<std::uint8_t>(11), ErrorKind::kFormat, "too few");
  auto bytes = make_file(0, 2, 20, 0);
  bytes.pop_back();
  expect_error(bytes, ErrorKind::kFormat, "19 bytes are too few");
}

TEST(DarknetWeights, reads_files) {
  const test::TempFolder folder;
  const auto bytes = make_file(0, 2, 20, kFloats);
  test::write_text(folder / "a.weights", std::string(bytes.begin(), bytes.end()));
  EXPECT_EQ(first_of(read_darknet_weights(folder / "a.weights", kOrder), "2.conv.bias"), 8);
  test::write_text(folder / "empty.weights", "");
  EXPECT_THROW(read_darknet_weights(folder / "empty.weights", kOrder), Error);
}

}  // namespace
}  // namespace pose
