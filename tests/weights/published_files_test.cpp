#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "pose/error.h"
#include "support/files.h"
#include "weights/formats.h"
#include "weights/inspect.h"

namespace pose {
namespace {

using nlohmann::json;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

/// The spelling of PyTorch, as the golden files have it.
std::string torch_name(DType dtype) {
  static const std::map<DType, std::string> kNames = {{DType::kF64, "float64"}, {DType::kF32, "float32"},
                                                      {DType::kF16, "float16"}, {DType::kBF16, "bfloat16"},
                                                      {DType::kI64, "int64"},   {DType::kI32, "int32"},
                                                      {DType::kI16, "int16"},   {DType::kI8, "int8"},
                                                      {DType::kU8, "uint8"},    {DType::kBool, "bool"}};
  return kNames.at(dtype);
}

/// Elements in row-major order, wide enough for every type.
template <typename T>
std::vector<double> elements_as(const TensorView& view) {
  std::vector<double> out;
  const std::int64_t n = view.elements();
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t rest = i, offset = 0;
    for (std::size_t d = view.shape.size(); d-- > 0; rest /= view.shape[d])
      offset += rest % view.shape[d] * view.strides[d];
    T value;
    std::memcpy(&value, view.data + offset * static_cast<std::int64_t>(sizeof(T)), sizeof value);
    out.push_back(static_cast<double>(value));
  }
  return out;
}

std::vector<double> elements(const TensorView& view) {
  if (view.dtype == DType::kF64) return elements_as<double>(view);
  if (view.dtype == DType::kI64) return elements_as<std::int64_t>(view);
  std::vector<float> values(static_cast<std::size_t>(view.elements()));
  copy_as_f32(view, values.data());
  return {values.begin(), values.end()};
}

TEST(LegacyCheckpoint, GoldenFilesGiveTheTensorsThatPyTorchReads) {
  const test::TempFolder folder;
  for (const json& file : test::golden("legacy_pth.json")["cases"]) {
    SCOPED_TRACE(file["name"].get<std::string>());
    test::write_text(folder / "file", from_hex(file["hex"]));
    const TensorFile tensors = open_tensor_file(folder / "file");
    EXPECT_EQ(tensors.format(), "pth-legacy");
    ASSERT_EQ(tensors.tensors().size(), file["tensors"].size());
    for (std::size_t i = 0; i < tensors.tensors().size(); ++i) {
      const TensorView& view = tensors.tensors()[i];
      const json& expected = file["tensors"][i];
      EXPECT_EQ(view.name, expected["key"]);
      EXPECT_EQ(torch_name(view.dtype), expected["dtype"]);
      EXPECT_EQ(view.shape, expected["shape"].get<std::vector<std::int64_t>>());
      EXPECT_EQ(elements(view), expected["values"].get<std::vector<double>>()) << view.name;
    }
  }
}

void expect_tensors(const TensorFile& file, const json& expected) {
  EXPECT_EQ(file.tensors().size(), expected["tensors"]);
  double total = 0;
  std::int64_t non_contiguous = 0;
  std::set<std::string> dtypes, locations;
  for (const TensorView& view : file.tensors()) {
    for (const double value : elements(view)) total += value;
    non_contiguous += !view.contiguous();
    dtypes.insert(torch_name(view.dtype));
    if (!view.location.empty()) locations.insert(view.location);
  }
  EXPECT_NEAR(total, expected["total_sum"],
              1e-4 * std::max(1.0, std::fabs(expected["total_sum"].get<double>())));
  EXPECT_EQ(dtypes, expected["dtypes"].get<std::set<std::string>>());
  EXPECT_EQ(non_contiguous, expected.value("non_contiguous", 0));
  if (expected.contains("location")) {
    EXPECT_EQ(locations, expected["location"].get<std::set<std::string>>());
  }
  for (const json& sample : expected["sample"]) {
    const TensorView* view = file.find(sample["name"].get<std::string>());
    ASSERT_TRUE(view) << sample["name"];
    EXPECT_EQ(view->shape, sample["shape"].get<std::vector<std::int64_t>>());
    double sum = 0, abs_sum = 0;
    for (const double value : elements(*view)) sum += value, abs_sum += std::fabs(value);
    const double tolerance = 1e-4 * std::max(1.0, sample["abs_sum"].get<double>());
    EXPECT_NEAR(sum, sample["sum"], tolerance) << view->name;
    EXPECT_NEAR(abs_sum, sample["abs_sum"], tolerance) << view->name;
  }
}

std::string fact(const WeightFileInfo& info, const std::string& name) {
  for (const auto& [key, value] : info.facts)
    if (key == name) return value;
  return "";
}

/// Formats with tensors, and how the list of expectations calls them.
const std::map<std::string, std::string> kFormats = {
    {"torch.save (zip)", "pth-zip"}, {"torch.save (legacy)", "pth-legacy"}, {"safetensors", "safetensors"}};

class PublishedFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_path("weight_files").empty())
      GTEST_SKIP() << "the published files are not beside this checkout";
    expected_ = json::parse(test::read_text(path("expected.json")));
  }
  static std::string path(const std::string& name) { return test::shared_path("weight_files") + "/" + name; }

  json expected_;
};

TEST_F(PublishedFiles, HaveTheTensorsThatTheirAuthorsSaved) {
  int seen = 0;
  for (const auto& [name, expected] : expected_.items()) {
    SCOPED_TRACE(name);
    const auto format = kFormats.find(expected["format"]);
    if (format == kFormats.end()) continue;
    const WeightFileInfo info = inspect_weight_file(path(name));
    EXPECT_EQ(info.format, format->second);
    EXPECT_EQ(info.sha256, expected["sha256"]);
    EXPECT_EQ(info.file_bytes, expected["bytes"]);
    EXPECT_EQ(info.parameters, expected["parameters"]);
    if (expected.contains("zip_root")) {
      EXPECT_EQ(fact(info, "archive name"), expected["zip_root"]);
    }
    if (expected.contains("zip_entries")) {
      EXPECT_EQ(fact(info, "entries"), std::to_string(expected["zip_entries"].get<int>()));
    }
    expect_tensors(info.tensors, expected);
    ++seen;
  }
  EXPECT_EQ(seen, 13);
}

TEST_F(PublishedFiles, TorchScriptIsRecognisedAndDescribedButNotOpened) {
  EXPECT_TRUE(is_torchscript(path("silero_vad.jit")));
  EXPECT_FALSE(is_torchscript(path("falcon_test_weight.pt")));
  EXPECT_FALSE(is_torchscript(path("lpips_alex_v01.pth")));
  const WeightFileInfo info = inspect_weight_file(path("silero_vad.jit"));
  EXPECT_EQ(info.format, "torchscript");
  EXPECT_EQ(fact(info, "archive name"), expected_["silero_vad.jit"]["zip_root"]);
  EXPECT_NE(fact(info, "compressed entries"), "0");
  try {
    open_tensor_file(path("silero_vad.jit"));
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("TorchScript"), std::string::npos) << error.what();
  }
}

TEST_F(PublishedFiles, DarknetHeadersAreDescribedAndTheFilesAskForTheirCfg) {
  for (const char* name : {"yoloface-50k.weights", "MobileNetV2-YOLO-Fastest.conv.57"}) {
    SCOPED_TRACE(name);
    const WeightFileInfo info = inspect_weight_file(path(name));
    EXPECT_EQ(info.format, "darknet");
    EXPECT_EQ(fact(info, "version"), "0.2.5");
    EXPECT_EQ(fact(info, "images seen"), std::to_string(expected_[name]["seen"].get<int>()));
    EXPECT_EQ(fact(info, "header bytes"), "20");
    EXPECT_EQ(fact(info, "floats"), std::to_string(expected_[name]["floats"].get<int>()));
    try {
      open_tensor_file(path(name));
      FAIL() << "opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
      EXPECT_NE(std::string(error.what()).find("--det_cfg"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace pose
