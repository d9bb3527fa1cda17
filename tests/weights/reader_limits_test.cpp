// The readers at their limits: the last value that is read, and the first that is refused.

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "support/files.h"
#include "support/torch_files.h"
#include "weights/inspect.h"
#include "weights/readers.h"
#include "weights/views.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

std::string refusal_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "";
}

TEST(TensorNames, EveryCharacterOfUtf8AndNothingElse) {
  const auto fits = [](const std::string& name) {
    return refusal_of([&] { check_tensor_name(name, "FILE"); }).empty();
  };
  for (const char* good :
       {"", " ", "~", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA9z"})
    EXPECT_TRUE(fits(good)) << good;
  for (const char* bad :
       {"\x1f", "\x7f", "\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xE2\x82z", "\xC3", "a\n"})
    EXPECT_FALSE(fits(bad)) << bad;
  EXPECT_TRUE(fits(std::string(4096, 'a')));
  EXPECT_FALSE(fits(std::string(4097, 'a')));
}

TEST(Shapes, AreCountedWithoutOverflow) {
  const std::int64_t half = std::int64_t{1} << 62;
  EXPECT_EQ(checked_elements({}, "w"), 1);
  EXPECT_EQ(checked_elements({2, 3, 4}, "w"), 24);
  EXPECT_EQ(checked_elements({half}, "w"), half);
  EXPECT_EQ(checked_elements({5, 0, 7}, "w"), 0);
  EXPECT_EQ(checked_elements(std::vector<std::int64_t>(8, 1), "w"), 1);
  EXPECT_EQ(refusal_of([&] { checked_elements({half, 2}, "w"); }), "w: more elements than can be counted");
  EXPECT_EQ(refusal_of([&] { checked_elements({half, 0, 2}, "w"); }), "w: more elements than can be counted");
  EXPECT_EQ(refusal_of([] { checked_elements({3, -1}, "w"); }), "w: a dimension of -1");
  EXPECT_EQ(refusal_of([] { checked_elements(std::vector<std::int64_t>(9, 1), "w"); }),
            "w: 9 dimensions, more than 8");
  EXPECT_EQ(row_major_strides({2, 3, 4}), (std::vector<std::int64_t>{12, 4, 1}));
}

TensorView view_of(DType dtype, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) {
  TensorView view;
  view.dtype = dtype;
  view.shape = std::move(shape);
  view.strides = std::move(strides);
  return view;
}

TEST(Views, MayReachTheLastElementOfTheirStorage) {
  const auto fits = [](const TensorView& view, std::int64_t offset, std::size_t bytes) {
    return refusal_of([&] { check_view(view, offset, bytes, "w"); }).empty();
  };
  const TensorView square = view_of(DType::kF32, {2, 2}, {2, 1});
  EXPECT_TRUE(fits(square, 0, 16));
  EXPECT_FALSE(fits(square, 0, 15));
  EXPECT_TRUE(fits(square, 1, 20));
  EXPECT_FALSE(fits(square, 1, 19));
  EXPECT_FALSE(fits(square, -1, 64));
  EXPECT_TRUE(fits(view_of(DType::kI16, {3, 5}, {0, 2}), 1, 20)) << "elements 1, 3, 5, 7, 9";
  EXPECT_FALSE(fits(view_of(DType::kI16, {3, 5}, {0, 2}), 1, 18));
  EXPECT_FALSE(fits(view_of(DType::kI16, {3, 1}, {-1, 2}), 2, 64));
  EXPECT_TRUE(fits(view_of(DType::kF32, {0, 9}, {9, 1}), 4, 16)) << "nothing, behind the end";
  EXPECT_FALSE(fits(view_of(DType::kF32, {0, 9}, {9, 1}), 5, 16));
  EXPECT_TRUE(fits(view_of(DType::kF64, {}, {}), 1, 16));
  EXPECT_FALSE(fits(view_of(DType::kF64, {}, {}), 2, 16));
}

TEST(Views, TogetherClaimSixteenTimesTheFileAndAMegabyte) {
  const auto fits = [](const std::vector<TensorView>& views) {
    return refusal_of([&] { check_total_size(views, 100, "w"); }).empty();
  };
  const std::int64_t allowed = 16 * 100 + (1 << 20);
  EXPECT_TRUE(fits({view_of(DType::kU8, {allowed}, {1})}));
  EXPECT_FALSE(fits({view_of(DType::kU8, {allowed + 1}, {1})}));
  EXPECT_TRUE(fits({view_of(DType::kF32, {allowed / 8}, {1}), view_of(DType::kF32, {allowed / 8}, {1})}));
  EXPECT_FALSE(
      fits({view_of(DType::kF32, {allowed / 8}, {1}), view_of(DType::kF32, {allowed / 8 + 1}, {1})}));
}

TEST(Views, AreContiguousWhateverTheStridesOfSidesOfOne) {
  EXPECT_TRUE(view_of(DType::kF32, {2, 3}, {3, 1}).contiguous());
  EXPECT_TRUE(view_of(DType::kF32, {1, 3}, {99, 1}).contiguous());
  EXPECT_TRUE(view_of(DType::kF32, {3, 1}, {1, 99}).contiguous());
  EXPECT_FALSE(view_of(DType::kF32, {2, 3}, {1, 2}).contiguous());
  EXPECT_FALSE(view_of(DType::kF32, {2, 3}, {4, 1}).contiguous());
  EXPECT_TRUE(view_of(DType::kF32, {}, {}).contiguous());
}

/// What a zip checkpoint of this pickle is refused for. A pickle that is read holds no weights.
void expect_pickle(const std::string& opcodes, const std::string& message) {
  const std::string bytes = zip_checkpoint("\x80\x02" + opcodes, {}).finish();
  expect_refused(bytes, message == "no weights found" ? ErrorKind::kUnsupported : ErrorKind::kFormat,
                 message);
}

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(PickleLimits, MarksMemoAndContainers) {
  expect_pickle(times(256, "(") + "N" + times(256, "t") + ".", "no weights found");
  expect_pickle(times(257, "(") + "N" + times(257, "t") + ".", "nested deeper than 256 levels");
  expect_pickle(raw("Nr\x3f\x42\x0f\0."), "no weights found");  // 999,999
  expect_pickle(raw("Nr\x40\x42\x0f\0."), "memo number 1000000 is too large");
  expect_pickle("(" + times(249'999, "]") + "t.", "no weights found");
  expect_pickle("(" + times(250'000, "]") + "t.", "more than 250000 tuples");
}

TEST(PickleLimits, ValuesAndOpcodes) {
  expect_pickle("(" + times(999'999, "N") + "t.", "no weights found");
  expect_pickle("(" + times(1'000'000, "N") + "t.", "more than 1000000 values");
  expect_pickle("N" + times(1'999'997, raw("q\1")) + ".", "no weights found");  // with protocol and stop
  expect_pickle("N" + times(1'999'998, raw("q\1")) + ".", "more than 2000000 pickle opcodes");
}

TEST(PickleLimits, LongIntegersHaveASignAndEightBytes) {
  const auto shape = [](const std::string& number) {
    PickleWriter p;
    p.op("}").text("w").global("torch._utils", "_rebuild_tensor").op("((").text("storage");
    p.global("torch", "FloatStorage")
        .text("0")
        .text("cpu")
        .integer(4)
        .op("tQ")
        .integer(0)
        .op(number + "\x85");
    return zip_checkpoint(p.integers({1}).op("tRs").finish(), {bytes_of<float>({1, 2, 3, 4})}).finish();
  };
  EXPECT_EQ(values_of(open_bytes(shape(raw("\x8a\1\3"))), "w"), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(values_of(open_bytes(shape(raw("\x8a\x08\2\0\0\0\0\0\0\0"))), "w"), (std::vector<float>{1, 2}));
  EXPECT_EQ(values_of(open_bytes(shape(raw("\x8a\0"))), "w"), std::vector<float>()) << "no byte is 0";
  expect_refused(shape(raw("\x8a\1\xfe")), ErrorKind::kFormat, "a dimension of -2");
  expect_refused(shape(raw("\x8a\2\0\xff")), ErrorKind::kFormat, "a dimension of -256");
  expect_refused(shape(raw("\x8a\x09\3\0\0\0\0\0\0\0\0")), ErrorKind::kFormat,
                 "wrong type of value as shape");
}

TEST(PickleLimits, EightDimensionsAreRead) {
  PickleWriter p;
  p.op("}").text("w").tensor(DType::kF32, "0", 4, 0, {1, 1, 1, 1, 1, 1, 1, 4}, {4, 4, 4, 4, 4, 4, 4, 1});
  EXPECT_EQ(
      values_of(open_bytes(zip_checkpoint(p.op("s").finish(), {bytes_of<float>({1, 2, 3, 4})}).finish()),
                "w"),
      (std::vector<float>{1, 2, 3, 4}));
}

ZipWriter good_archive() {
  PickleWriter p;
  p.op("}").text("w").tensor(DType::kF32, "0", 4, 0, {4}, {1});
  return zip_checkpoint(p.op("s").finish(), {bytes_of<float>({1, 2, 3, 4})});
}

void expect_read(const std::string& bytes) {
  EXPECT_EQ(values_of(open_bytes(bytes), "w"), (std::vector<float>{1, 2, 3, 4}));
}

TEST(ZipLimits, CommentsAreFoundUpToTheirGreatestLength) {
  std::string bytes = good_archive().finish();
  bytes.replace(bytes.size() - 2, 2, "\xff\xff");
  expect_read(bytes + std::string(65535, 'x'));
  expect_refused(bytes + std::string(65534, 'x'), ErrorKind::kFormat, "is missing");
  // The end of another archive within the comment is only text.
  bytes.replace(bytes.size() - 2, 2, raw("\x1e\0"));
  expect_read(bytes + "PK\x05\x06" + std::string(26, '\0'));
}

TEST(ZipLimits, EachNumberOfTheEndMayStandInTheZip64Record) {
  const std::string all = good_archive().finish(true);
  const std::size_t end = all.size() - 22, record = all.rfind("PK\x06\x06");
  std::string none = all;
  none.replace(end + 8, 2, all.substr(record + 24, 2));
  none.replace(end + 10, 2, all.substr(record + 32, 2));
  none.replace(end + 12, 4, all.substr(record + 40, 4));
  none.replace(end + 16, 4, all.substr(record + 48, 4));
  for (const auto& [at, bytes] : {std::pair{8, 4}, {12, 4}, {16, 4}}) {
    std::string one = none;
    one.replace(end + static_cast<std::size_t>(at), static_cast<std::size_t>(bytes),
                static_cast<std::size_t>(bytes), '\xff');
    expect_read(one);
  }
  for (const std::size_t damage : {record, record + 56}) {
    std::string broken = all;
    broken[damage + 3] = 'x';
    expect_refused(broken, ErrorKind::kFormat, "a zip64 archive without its directory record");
  }
}

TEST(ZipLimits, EverySignOfSeveralPartsIsSeen) {
  const std::string bytes = good_archive().finish();
  for (const std::size_t at : {std::size_t{4}, std::size_t{6}, std::size_t{8}}) {
    std::string split = bytes;
    split[bytes.size() - 22 + at] = static_cast<char>(split[bytes.size() - 22 + at] + 1);
    expect_refused(split, ErrorKind::kUnsupported, "several parts");
  }
}

TEST(ZipLimits, ExtraFieldsBeforeTheZip64FieldAreSkipped) {
  const ZipWriter zip = good_archive();
  std::string bytes = zip.finish(true);
  // Another field of three bytes goes before that of the first entry.
  const std::size_t entry = bytes.find("PK\x01\x02"), extra = entry + 46 + zip.entries[0].name.size();
  bytes.insert(extra, raw("\x55\x55\3\0abc"));
  bytes[entry + 30] = static_cast<char>(bytes[entry + 30] + 7);
  const std::size_t record = bytes.rfind("PK\x06\x06");
  for (const std::size_t at : {record + 40, record + 64}) bytes[at] = static_cast<char>(bytes[at] + 7);
  expect_read(bytes);
}

TEST(ZipLimits, TorchScriptIsKnownByItsCode) {
  for (const char* name : {"archive/code/__torch__.py", "archive/constants.pkl"}) {
    ZipWriter zip = good_archive();
    zip.add(name, "x");
    expect_refused(zip.finish(), ErrorKind::kUnsupported, "TorchScript");
  }
  ZipWriter zip = good_archive();
  zip.add("archive/codes", "x");
  expect_read(zip.finish());
}

using Facts = std::vector<std::pair<std::string, std::string>>;

TEST(Inspect, TellsWhatIsInAFile) {
  const TempFolder folder;
  const std::vector<SavedTensor> tensors{saved_tensor("a", {2, 3}, std::vector<float>(6)),
                                         {"b", DType::kI64, {4}, std::string(32, '\0')}};
  write_zip_pth(folder / "zip", tensors);
  write_legacy_pth(folder / "legacy", tensors);
  for (const char* name : {"zip", "legacy"}) {
    const WeightFileInfo info = inspect_weight_file(folder / name);
    EXPECT_EQ(info.path, folder / name);
    EXPECT_EQ(info.format, std::string("pth-") + name);
    EXPECT_EQ(info.file_bytes, read_text(folder / name).size());
    EXPECT_EQ(info.sha256.size(), 64u);
    EXPECT_EQ(info.parameters, 10);
    EXPECT_EQ(info.tensor_bytes, 6 * 4 + 4 * 8);
    EXPECT_EQ(info.tensors.tensors().size(), 2u);
  }
  EXPECT_EQ(inspect_weight_file(folder / "legacy").facts,
            (Facts{{"pickle protocol", "2"}, {"storages", "2"}}));
  EXPECT_EQ(inspect_weight_file(folder / "zip").facts, (Facts{{"archive name", "archive"},
                                                              {"entries", "5"},
                                                              {"pickle protocol", "2"},
                                                              {"storage alignment", "128"}}));
}

TEST(Inspect, NamesTheEntryThatHoldsTheWeights) {
  const TempFolder folder;
  PickleWriter p;
  p.op("}").text("state_dict").op("}").text("w").tensor(DType::kF32, "0", 1, 0, {}, {});
  const std::string pickle = p.op("ss").finish(), number = bytes_of<float>({1});
  write_text(folder / "zip", zip_checkpoint(pickle, {number}).finish());
  write_text(folder / "legacy", legacy_checkpoint(pickle, {{"0", 1, number}}));
  for (const char* name : {"zip", "legacy"})
    EXPECT_EQ(inspect_weight_file(folder / name).facts.back(),
              (std::pair<std::string, std::string>("weights under", "state_dict")));
}

TEST(Inspect, ShowsTheMetadataOfSafetensors) {
  const TempFolder folder;
  const std::string header = R"({"__metadata__":{"format":"pt","by":"me"}})";
  write_text(folder / "w", bytes_of<std::uint64_t>({header.size()}) + header);
  EXPECT_EQ(inspect_weight_file(folder / "w").facts, (Facts{{"header bytes", std::to_string(header.size())},
                                                            {"metadata format", "pt"},
                                                            {"metadata by", "me"}}));
}

TEST(Inspect, DescribesTorchScriptWithoutReadingIt) {
  const TempFolder folder;
  ZipWriter zip = good_archive();
  zip.add("archive/constants.pkl", "x");
  zip.entries.back().method = 8;
  zip.bytes[zip.entries.back().offset + 8] = 8;
  const std::size_t entries = zip.entries.size();
  write_text(folder / "a.pt", zip.finish());
  const WeightFileInfo info = inspect_weight_file(folder / "a.pt");
  EXPECT_EQ(info.format, "torchscript");
  EXPECT_EQ(info.facts, (Facts{{"archive name", "archive"},
                               {"entries", std::to_string(entries)},
                               {"compressed entries", "1"}}));
  EXPECT_TRUE(is_torchscript(folder / "a.pt"));
}

std::string darknet(std::int32_t major, std::int32_t minor, std::int32_t revision, const std::string& rest) {
  return bytes_of<std::int32_t>({major, minor, revision}) + rest;
}

TEST(Inspect, DescribesDarknetFiles) {
  const TempFolder folder;
  write_text(folder / "new",
             darknet(0, 2, 5, bytes_of<std::uint64_t>({5'000'000'000}) + std::string(12, '\0')));
  EXPECT_EQ(
      inspect_weight_file(folder / "new").facts,
      (Facts{{"version", "0.2.5"}, {"images seen", "5000000000"}, {"header bytes", "20"}, {"floats", "3"}}));
  write_text(folder / "old", darknet(0, 1, 0, bytes_of<std::uint32_t>({7}) + std::string(8, '\0')));
  EXPECT_EQ(inspect_weight_file(folder / "old").facts,
            (Facts{{"version", "0.1.0"}, {"images seen", "7"}, {"header bytes", "16"}, {"floats", "2"}}));
}

TEST(Formats, DarknetFilesAreKnownByTheirVersionAndLength) {
  const auto known = [](const std::string& bytes) {
    return is_darknet_weights(
        {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), "FILE", nullptr});
  };
  const std::string rest(8, '\0');
  EXPECT_TRUE(known(darknet(0, 2, 5, rest)));
  EXPECT_TRUE(known(darknet(0, 2, 99, rest)));
  EXPECT_TRUE(known(darknet(0, 1, 0, rest)));
  EXPECT_TRUE(known(darknet(0, 1, 0, rest.substr(4))));
  EXPECT_FALSE(known(darknet(0, 2, 0, rest.substr(4)))) << "shorter than its header";
  EXPECT_FALSE(known(darknet(0, 2, 100, rest)));
  EXPECT_FALSE(known(darknet(0, 2, -1, rest)));
  EXPECT_FALSE(known(darknet(0, 3, 0, rest)));
  EXPECT_FALSE(known(darknet(0, 0, 0, rest)));
  EXPECT_FALSE(known(darknet(1, 2, 0, rest)));
  EXPECT_FALSE(known(darknet(0, 2, 5, rest + "abc")));
}

TEST(Formats, SafetensorsHeadersMayReachTheEndOfTheFile) {
  const auto file = [](std::uint64_t length, const std::string& header) {
    return bytes_of<std::uint64_t>({length}) + header;
  };
  EXPECT_EQ(open_bytes(file(2, "{}")).format(), "safetensors");
  expect_refused(file(3, "{}"), ErrorKind::kFormat, "no known weight file");
  expect_refused(file(1, "["), ErrorKind::kFormat, "no known weight file");
  const std::string longest = "{" + std::string((16 << 20) - 2, ' ') + "}";
  EXPECT_TRUE(open_bytes(file(longest.size(), longest)).tensors().empty());
}

}  // namespace
}  // namespace pose::test
