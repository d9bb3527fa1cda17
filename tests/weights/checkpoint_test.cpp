#include "weights/checkpoint.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/torch_files.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

const std::string kOneFloat = bytes_of<float>({1});

/// A dictionary with one tensor of that name.
void dict_with(PickleWriter& p, const std::string& name) {
  p.op("}").text(name).tensor(DType::kF32, "0", 1, 0, {}, {}).op("s");
}

std::vector<std::string> names_of(const TensorFile& file) {
  std::vector<std::string> names;
  for (const TensorView& view : file.tensors()) names.push_back(view.name);
  return names;
}

std::vector<std::string> names_in(const PickleWriter& p) {
  return names_of(open_bytes(zip_checkpoint(p.finish(), {kOneFloat}).finish()));
}

std::vector<std::string> canonical_names(const std::vector<std::string>& names) {
  std::vector<SavedTensor> tensors;
  for (const std::string& name : names) tensors.push_back({name, DType::kF32, {}, kOneFloat});
  return names_of(canonical(open_bytes(zip_pth(tensors))));
}

using Names = std::vector<std::string>;

TEST(Checkpoint, WeightsAreFoundUnderTheNamesThatPeopleUse) {
  for (const char* entry :
       {"state_dict", "model_state_dict", "model", "net", "network", "params", "weights", "ema", "model_ema",
        "state_dict_ema", "ema_state_dict", "params_ema", "best_state_dict"}) {
    PickleWriter p;
    p.op("}(").text("epoch").integer(3).text(entry);
    dict_with(p, "w");
    EXPECT_EQ(names_in(p.op("u")), Names{"w"}) << entry;
  }
}

TEST(Checkpoint, OfficialTrainingFilesGiveTheStateDictAlthoughModelIsAText) {
  PickleWriter p;
  p.op("}(").text("epoch").integer(209).text("model").text("pose_hrnet").text("best_state_dict");
  dict_with(p, "best");
  p.text("state_dict");
  dict_with(p, "module.now");
  p.text("optimizer").op("}").text("state");
  dict_with(p, "exp_avg");
  EXPECT_EQ(names_in(p.op("su")), Names{"module.now"});
}

TEST(Checkpoint, EmptyEntriesAreSkippedAndWrappersOpened) {
  PickleWriter empty;
  empty.op("}(").text("state_dict").op("}").text("net");
  dict_with(empty, "w");
  EXPECT_EQ(names_in(empty.op("u")), Names{"w"});
  PickleWriter wrapped;
  wrapped.op("}").text("model").op("}").text("state_dict");
  dict_with(wrapped, "w");
  EXPECT_EQ(names_in(wrapped.op("ss")), Names{"w"});
}

TEST(Checkpoint, OtherValuesBesideTheTensorsOfAStateDictAreIgnored) {
  PickleWriter p;
  p.op("}(")
      .text("w")
      .tensor(DType::kF32, "0", 1, 0, {}, {})
      .text("_extra_state")
      .op("N")
      .integer(5)
      .op("Nu");
  EXPECT_EQ(names_in(p), Names{"w"});
}

TEST(Checkpoint, FilesWithoutWeightsListWhatTheyHold) {
  PickleWriter p;
  p.op("}(").text("epoch").integer(3).text("encoder");
  dict_with(p, "w");
  expect_refused(zip_checkpoint(p.op("u").finish(), {kOneFloat}).finish(), ErrorKind::kUnsupported,
                 "has 2 entries: 'epoch', 'encoder'");
  expect_refused(zip_checkpoint(PickleWriter().op("]").finish(), {}).finish(), ErrorKind::kUnsupported,
                 "something else than a dictionary");
}

TEST(Checkpoint, BadNamesAreRefused) {
  const auto file = [](const std::string& name) { return zip_pth({{name, DType::kF32, {}, kOneFloat}}); };
  EXPECT_EQ(names_of(open_bytes(file("caf\xc3\xa9.\xe5\xb1\x82.\xf0\x9f\x98\x80"))).size(), 1u);
  for (const std::string& name :
       {raw("a\0b"), raw("\x1b[2J"), raw("\xff"), raw("\xc3"), raw("\xc0\x80"), raw("\xed\xa0\x80"),
        raw("\xf4\x90\x80\x80"), raw("\xe0\x80\x80"), raw("\xf0\x80\x80\x80"), raw("\x7f")}) {
    SCOPED_TRACE(name);
    expect_refused(file(name), ErrorKind::kFormat, "a tensor name that is not plain text");
  }
  expect_refused(file(std::string(4097, 'a')), ErrorKind::kFormat, "a tensor name of 4097 bytes");
  expect_refused(zip_pth({{"w", DType::kF32, {}, kOneFloat}, {"w", DType::kF32, {}, kOneFloat}}),
                 ErrorKind::kFormat, "two tensors are named 'w'");
}

TEST(CanonicalKeys, WrappersAndMmposeNamesBecomeOurs) {
  EXPECT_EQ(canonical_names({"module.conv1.weight", "module.final_layer.bias"}),
            (Names{"conv1.weight", "final_layer.bias"}));
  EXPECT_EQ(canonical_names({"backbone.conv1.weight", "keypoint_head.final_layer.weight"}),
            (Names{"conv1.weight", "final_layer.weight"}));
  EXPECT_EQ(canonical_names({"module.backbone.layer1.0.bn1.bias", "head.deconv_layers.0.weight",
                             "head.final_layer.bias"}),
            (Names{"layer1.0.bn1.bias", "deconv_layers.0.weight", "final_layer.bias"}));
  EXPECT_EQ(canonical_names({"head.0.weight", "preact.conv1.weight"}),
            (Names{"head.0.weight", "preact.conv1.weight"}));
}

TEST(CanonicalKeys, DetectionNetworksKeepTheirBackbone) {
  EXPECT_EQ(canonical_names({"module.backbone.conv1.weight", "neck.fpn_conv.0.weight"}),
            (Names{"backbone.conv1.weight", "neck.fpn_conv.0.weight"}));
}

TEST(CanonicalKeys, TwoNamesThatBecomeOneAreRefused) {
  const std::string file =
      zip_pth({{"module.w", DType::kF32, {}, kOneFloat}, {"w", DType::kF32, {}, kOneFloat}});
  EXPECT_THROW(canonical(open_bytes(file)), Error);
}

TEST(Formats, TheContentDecidesAndAccidentsAreNamed) {
  const TempFolder folder;
  write_legacy_pth(folder / "weights.safetensors", {{"w", DType::kF32, {}, kOneFloat}});
  EXPECT_EQ(open_tensor_file(folder / "weights.safetensors").format(), "pth-legacy");
  expect_refused("", ErrorKind::kFormat, "the file is empty");
  expect_refused("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", ErrorKind::kFormat,
                 "git lfs pull");
  expect_refused("<!DOCTYPE html><html>", ErrorKind::kFormat, "a web page");
  expect_refused("\x80\x02}q.", ErrorKind::kFormat, "a Python pickle that torch.save did not write");
  expect_refused("hello", ErrorKind::kFormat, "no known weight file");
  try {
    open_tensor_file(folder / "missing.pth");
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  }
}

}  // namespace
}  // namespace pose::test
