// Small weight files that other projects published, against what PyTorch's own reader says of them. Needs the
// shared check data; the formats themselves are tested elsewhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>
#include <vector>

#include "pose/error.h"
#include "support/files.h"
#include "weights/inspect.h"

namespace pose {
namespace {

using nlohmann::json;

/// Our name of a container.
std::string format_of(const std::string& expected) {
  if (expected == "torch.save (zip)") return "pth-zip";
  if (expected == "torch.save (legacy)") return "pth-legacy";
  if (expected == "TorchScript (zip)") return "torchscript";
  return expected;
}

std::string dtype_of(const std::string& torch) {
  if (torch == "float32") return "F32";
  if (torch == "bfloat16") return "BF16";
  if (torch == "int64") return "I64";
  return torch;
}

void expect_sums(const TensorView& view, const json& expected) {
  std::vector<float> values(static_cast<std::size_t>(view.elements()));
  copy_as_f32(view, values.data());
  double sum = 0, abs_sum = 0;
  for (const float v : values) {
    sum += static_cast<double>(v);
    abs_sum += std::abs(static_cast<double>(v));
  }
  const double tolerance = 1e-4 * std::max(1.0, expected.at("abs_sum").get<double>());
  EXPECT_NEAR(sum, expected.at("sum").get<double>(), tolerance) << view.name;
  EXPECT_NEAR(abs_sum, expected.at("abs_sum").get<double>(), tolerance) << view.name;
}

void expect_file(const std::string& name, const json& expected) {
  const WeightFileInfo info = inspect_weight_file(test::shared_path("weight_files/" + name));
  EXPECT_EQ(info.file_bytes, expected.at("bytes").get<std::uint64_t>());
  EXPECT_EQ(info.sha256, expected.at("sha256").get<std::string>());
  EXPECT_EQ(info.format, format_of(expected.at("format")));
  if (info.format == "torchscript" || info.format == "darknet") return;  // described, not read here
  EXPECT_EQ(info.tensors.tensors().size(), expected.at("tensors").get<std::size_t>());
  EXPECT_EQ(info.parameters, expected.at("parameters").get<std::int64_t>());
  for (const json& sample : expected.at("sample")) {
    const TensorView* view = info.tensors.find(sample.at("name").get<std::string>());
    ASSERT_NE(view, nullptr) << sample.at("name");
    EXPECT_EQ(view->shape, sample.at("shape").get<std::vector<std::int64_t>>()) << view->name;
    EXPECT_EQ(to_string(view->dtype), dtype_of(sample.at("dtype"))) << view->name;
    EXPECT_EQ(view->contiguous(), sample.at("contiguous").get<bool>()) << view->name;
    expect_sums(*view, sample);
  }
}

TEST(PublishedFiles, AreReadAsPyTorchReadsThem) {
  const std::string list = test::shared_path("weight_files/expected.json");
  if (list.empty()) GTEST_SKIP() << "no shared files";
  const json all = json::parse(test::read_text(list));
  ASSERT_GE(all.size(), 15u);
  for (const auto& [name, expected] : all.items()) {
    SCOPED_TRACE(name);
    expect_file(name, expected);
  }
}

/// Small files that are built as the published checkpoints of pose networks are.
TEST(PublishedFiles, CheckpointsOfEveryOriginGiveTheirWeightsAndSayWhatElseIsInThem) {
  if (test::shared_path("weight_files/structures").empty()) GTEST_SKIP() << "no shared files";
  const auto fact = [](const WeightFileInfo& info, const std::string& name) {
    for (const auto& [key, value] : info.facts)
      if (key == name) return value;
    return std::string();
  };
  for (const auto& [name, entry, aside] :
       {std::tuple{"official_hrnet_legacy.pth", "", ""},
        {"libreyolo_hrnet.pt", "model", ""},
        {"mmpose_0x.pth", "state_dict", ""},
        {"mmpose_1x_2022.pth", "state_dict", "mmengine.logging.history_buffer.HistoryBuffer ("}}) {
    SCOPED_TRACE(name);
    const WeightFileInfo info =
        inspect_weight_file(test::shared_path(std::string("weight_files/structures/") + name));
    EXPECT_GE(info.tensors.tensors().size(), 8u);
    EXPECT_EQ(fact(info, "weights under"), entry);
    EXPECT_EQ(fact(info, "left aside").substr(0, std::string(aside).size()), aside);
    EXPECT_EQ(fact(info, "left aside").empty(), std::string(aside).empty());
  }
}

TEST(PublishedFiles, FilesWithoutNamedTensorsAreRefusedAsStateDicts) {
  if (test::shared_path("weight_files/expected.json").empty()) GTEST_SKIP() << "no shared files";
  for (const char* name : {"silero_vad.jit", "yoloface-50k.weights", "MobileNetV2-YOLO-Fastest.conv.57"}) {
    try {
      open_tensor_file(test::shared_path(std::string("weight_files/") + name));
      FAIL() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kUnsupported) << e.what();
    }
  }
}

}  // namespace
}  // namespace pose
