#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pose/error.h"
#include "support/files.h"
#include "support/torch_files.h"
#include "weights/half.h"
#include "weights/safetensors_writer.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

std::string safetensors(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

/// A header with the one tensor "w", given by the inside of its object.
std::string one(const std::string& inside, std::size_t data_bytes) {
  return safetensors(R"({"w":{)" + inside + "}}", std::string(data_bytes, '\0'));
}

TEST(Safetensors, ReadsTypesShapesAndMetadata) {
  const std::string bytes = safetensors(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I16","shape":[],"data_offsets":[16,18]},)"
      R"("a":{"shape":[2,2],"data_offsets":[0,16],"dtype":"F32"},"e":{"dtype":"F64","shape":[0,9],"data_offsets":[18,18]}}  )",
      bytes_of<float>({1, 2, 3, 4}) + bytes_of<std::int16_t>({-7}));
  const TensorFile file = open_bytes(bytes);
  EXPECT_EQ(file.format(), "safetensors");
  EXPECT_EQ(values_of(file, "a"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values_of(file, "b"), (std::vector<float>{-7}));
  EXPECT_EQ(file.find("e")->shape, (std::vector<std::int64_t>{0, 9}));
  EXPECT_EQ(file.tensors()[0].name, "b");
}

TEST(Safetensors, HolesOverlapsAndLeftoversAreRefused) {
  const auto two = [](const std::string& first, const std::string& second, std::size_t data) {
    return safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + first +
                           R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + second + "}}",
                       std::string(data, '\0'));
  };
  EXPECT_EQ(open_bytes(two("[8,16]", "[0,8]", 16)).tensors().size(), 2u);
  const std::string place = "overlaps another one or leaves a hole";
  expect_refused(two("[0,8]", "[4,12]", 12), ErrorKind::kFormat, place);
  expect_refused(two("[0,8]", "[0,8]", 8), ErrorKind::kFormat, place);
  expect_refused(two("[0,8]", "[12,20]", 20), ErrorKind::kFormat, place);
  expect_refused(two("[4,12]", "[12,20]", 20), ErrorKind::kFormat, place);
  expect_refused(two("[0,8]", "[8,16]", 17), ErrorKind::kFormat, "behind the last tensor");
  expect_refused(two("[0,8]", "[8,16]", 15), ErrorKind::kFormat, "more bytes, but only 7 are left");
  expect_refused(two("[8,0]", "[8,16]", 16), ErrorKind::kFormat, place);
}

TEST(Safetensors, ShapeAndTypeMustGiveTheBytes) {
  const std::string misfit = "do not fit its shape and type";
  expect_refused(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])", 8), ErrorKind::kFormat, misfit);
  expect_refused(one(R"("dtype":"F64","shape":[1152921504606846977],"data_offsets":[0,8])", 8),
                 ErrorKind::kFormat, misfit);
  expect_refused(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])", 8),
                 ErrorKind::kFormat, "more elements than can be counted");
  expect_refused(one(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])", 8),
                 ErrorKind::kFormat, "a number above 2^63");
  expect_refused(one(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8])", 8),
                 ErrorKind::kFormat, "more than 8 dimensions");
}

TEST(Safetensors, HeadersThatAreNotAListOfTensorsAreRefused) {
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  EXPECT_EQ(open_bytes(one(good, 8)).tensors().size(), 1u);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("dtype":"F32","shape":[2])", "without dtype, shape or two data_offsets"},
      {R"("dtype":"F32","data_offsets":[0,8])", "without dtype"},
      {R"("shape":[2],"data_offsets":[0,8])", "without dtype"},
      {R"("dtype":"F32","shape":[2],"data_offsets":[0])", "without dtype"},
      {R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])", "a negative number"},
      {R"("dtype":"F32","shape":[2.5],"data_offsets":[0,8])", "a fraction"},
      {R"("dtype":"F32","shape":[[2]],"data_offsets":[0,8])", "a list where none belongs"},
      {R"("dtype":"F32","shape":[{}],"data_offsets":[0,8])", "an object too deep"},
      {R"("dtype":"F32","shape":"2","data_offsets":[0,8])", "the unknown entry 'shape'"},
      {R"("dtype":"F32","shape":2,"data_offsets":[0,8])", "a number where none belongs"},
      {R"("dtype":null,"shape":[2],"data_offsets":[0,8])", "null"},
      {R"("dtype":true,"shape":[2],"data_offsets":[0,8])", "a boolean"},
      {good + R"(,"strides":[1])", "the unknown entry 'strides'"},
      {good + R"(,"shape":[2])", "'shape' twice"},
      {good + ",", "no valid JSON"},
  };
  for (const auto& [inside, message] : cases) {
    SCOPED_TRACE(inside);
    expect_refused(one(inside, 8), ErrorKind::kFormat, message);
  }
  expect_refused(
      safetensors("{\"w\":{" + good + "},\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
                  std::string(8, '\0')),
      ErrorKind::kFormat, "two tensors are named 'w'");
  expect_refused(safetensors("{\"\\u001b\":{" + good + "}}", std::string(8, '\0')), ErrorKind::kFormat,
                 "not plain text");
  expect_refused(safetensors("{\"\xff\":{" + good + "}}", std::string(8, '\0')), ErrorKind::kFormat,
                 "no valid JSON");
  expect_refused(one(R"("dtype":"F8_E5M2","shape":[8],"data_offsets":[0,8])", 8), ErrorKind::kUnsupported,
                 "element type");
}

TEST(Safetensors, TheHeaderLengthIsNotBelieved) {
  std::string bytes = one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", 8);
  bytes[7] = '\x7f';
  expect_refused(bytes, ErrorKind::kFormat, "no known weight file");
  bytes[7] = 0;
  bytes[1] = 1;
  expect_refused(bytes, ErrorKind::kFormat, "no known weight file");
  expect_refused(safetensors("{" + std::string((16 << 20), ' '), ""), ErrorKind::kFormat,
                 "a safetensors header of");
}

/// Tensors of every type, one not in row-major order and one in a shared storage.
TensorFile many_types() {
  const std::string floats =
      bytes_of<float>({1.5f, -2, 3, 0.25f, 1e-8f, std::numeric_limits<float>::infinity()});
  PickleWriter p;
  p.op("}(");
  p.text("transposed").tensor(DType::kF32, "0", 6, 0, {3, 2}, {1, 3});
  p.text("part").tensor(DType::kF32, "0", 6, 2, {2}, {1});
  p.text("empty").tensor(DType::kF32, "0", 6, 0, {0, 4}, {4, 1});
  const std::vector<std::pair<std::string, std::pair<DType, std::string>>> others = {
      {"f64", {DType::kF64, bytes_of<double>({1.25, -3})}},
      {"f16", {DType::kF16, raw("\0\x38\0\xc0")}},
      {"bf16", {DType::kBF16, raw("\0\x3f\0\xc0")}},
      {"i64", {DType::kI64, bytes_of<std::int64_t>({-5, 1})}},
      {"i32", {DType::kI32, bytes_of<std::int32_t>({-5, 1})}},
      {"i16", {DType::kI16, bytes_of<std::int16_t>({-5, 1})}},
      {"i8", {DType::kI8, bytes_of<std::int8_t>({-5, 1})}},
      {"u8", {DType::kU8, bytes_of<std::uint8_t>({200, 1})}},
      {"bool", {DType::kBool, bytes_of<std::uint8_t>({0, 1})}}};
  std::vector<std::string> storages = {floats};
  for (const auto& [name, saved] : others) {
    p.text(name).tensor(saved.first, std::to_string(storages.size()), 2, 0, {2}, {1});
    storages.push_back(saved.second);
  }
  return open_bytes(zip_checkpoint(p.op("u").finish(), storages).finish());
}

TEST(SafetensorsWriter, KeepsNamesTypesShapesAndValues) {
  const TempFolder folder;
  const TensorFile before = many_types();
  write_safetensors(folder / "out.safetensors", before);
  const TensorFile after = open_tensor_file(folder / "out.safetensors");
  EXPECT_EQ(after.format(), "safetensors");
  ASSERT_EQ(after.tensors().size(), before.tensors().size());
  for (std::size_t i = 0; i < before.tensors().size(); ++i) {
    const TensorView& a = before.tensors()[i];
    const TensorView& b = after.tensors()[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.dtype, b.dtype) << a.name;
    EXPECT_EQ(a.shape, b.shape) << a.name;
    EXPECT_TRUE(b.contiguous()) << a.name;
    std::vector<std::uint8_t> x(static_cast<std::size_t>(a.elements()) * size_of(a.dtype)), y(x.size());
    copy_contiguous(a, x.data());
    copy_contiguous(b, y.data());
    EXPECT_EQ(x, y) << a.name;
  }
  EXPECT_EQ(values_of(after, "transposed"), (std::vector<float>{1.5f, 0.25f, -2, 1e-8f, 3, INFINITY}));
}

TEST(SafetensorsWriter, HalfTurnsFloatsIntoF16AndLeavesIntegers) {
  const TempFolder folder;
  write_safetensors(folder / "out.safetensors", many_types(), FloatWidth::kHalf);
  const TensorFile file = open_tensor_file(folder / "out.safetensors");
  for (const char* name : {"transposed", "part", "f64", "f16", "bf16"})
    EXPECT_EQ(file.find(name)->dtype, DType::kF16) << name;
  for (const auto& [name, dtype] :
       {std::pair{"i64", DType::kI64}, {"u8", DType::kU8}, {"bool", DType::kBool}})
    EXPECT_EQ(file.find(name)->dtype, dtype) << name;
  EXPECT_EQ(values_of(file, "transposed"), (std::vector<float>{1.5f, 0.25f, -2, 0, 3, INFINITY}));
  EXPECT_EQ(values_of(file, "f64"), (std::vector<float>{1.25f, -3}));
}

TEST(SafetensorsWriter, AFolderThatIsNotThereIsAnIoError) {
  const TempFolder folder;
  EXPECT_THROW(write_safetensors(folder / "no/out.safetensors", TensorFile()), Error);
}

TEST(HalfFloats, EveryValueSurvivesTheWayThere) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = f16_to_f32(static_cast<std::uint16_t>(bits));
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(value))));
    else
      EXPECT_EQ(f32_to_f16(value), bits);
  }
}

TEST(HalfFloats, RoundToNearestEven) {
  EXPECT_EQ(f32_to_f16(1 + 0x1p-11f), 0x3C00);      // a tie goes to the even neighbour below
  EXPECT_EQ(f32_to_f16(1 + 3 * 0x1p-11f), 0x3C02);  // and above
  EXPECT_EQ(f32_to_f16(1 + 0x1p-11f + 0x1p-20f), 0x3C01);
  EXPECT_EQ(f32_to_f16(65519.0f), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7C00);
  EXPECT_EQ(f32_to_f16(-0x1p-25f), 0x8000);  // half of the smallest, a tie with zero
  EXPECT_EQ(f32_to_f16(0x1.8p-24f), 0x0002);
}

}  // namespace
}  // namespace pose::test
