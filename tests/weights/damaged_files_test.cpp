#include <gtest/gtest.h>
#include <malloc.h>

#include <fstream>
#include <functional>
#include <random>

#include "support/torch_files.h"
#include "weights/pickle.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

struct Good {
  std::string format, bytes;
};

std::vector<SavedTensor> tensors() {
  std::mt19937 random(1);
  std::vector<SavedTensor> all;
  for (int i = 0; i < 12; ++i) {
    std::vector<float> values(120);
    for (float& value : values) value = static_cast<float>(random()) * 0x1p-32f;
    all.push_back(saved_tensor("layer" + std::to_string(i) + ".weight", {4, 30}, values));
  }
  return all;
}

std::string safetensors() {
  std::string header = "{", data;
  for (const SavedTensor& t : tensors()) {
    header += (header.size() > 1 ? "," : "") + ("\"" + t.name) +
              R"(":{"dtype":"F32","shape":[4,30],"data_offsets":[)" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + t.bytes.size()) + "]}";
    data += t.bytes;
  }
  header += "}";
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

std::vector<Good> good_files() {
  return {{"zip", zip_pth(tensors())}, {"legacy", legacy_pth(tensors())}, {"safetensors", safetensors()}};
}

/// Opens the bytes and reads everything in them. Returns whether they were accepted; only `Error` may be
/// thrown.
bool is_read(const std::string& bytes) {
  try {
    const TensorFile file = open_bytes(bytes);
    for (const TensorView& view : file.tensors()) values_of(file, view.name);
    return true;
  } catch (const Error& error) {
    EXPECT_NE(error.kind(), ErrorKind::kInternal) << error.what();
    return false;
  }
}

TEST(DamagedFiles, TheWholeFilesAreRead) {
  for (const Good& good : good_files()) {
    EXPECT_TRUE(is_read(good.bytes)) << good.format;
    EXPECT_GT(good.bytes.size(), 4096u) << good.format;
  }
}

TEST(DamagedFiles, EveryTruncationIsRefused) {
  std::mt19937 random(2);
  for (const Good& good : good_files()) {
    for (std::size_t size = 0; size < 4096; ++size)
      EXPECT_FALSE(is_read(good.bytes.substr(0, size))) << good.format << size;
    for (int i = 0; i < 1000; ++i) {
      const std::size_t size = random() % good.bytes.size();
      EXPECT_FALSE(is_read(good.bytes.substr(0, size))) << good.format << size;
    }
  }
}

TEST(DamagedFiles, AChangedByteAnywhereIsHarmless) {
  std::mt19937 random(3);
  for (const Good& good : good_files())
    for (std::size_t at = 0; at < good.bytes.size(); at += at < 4096 ? 1 : 1 + random() % 7)
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string bytes = good.bytes;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        is_read(bytes);
      }
}

/// Megabytes that the process took at its highest beyond what it has now, or -1 where the system does not
/// say.
double peak_growth(const std::function<void()>& work) {
  const auto status = [](const std::string& field) {
    std::ifstream in("/proc/self/status");
    for (std::string name, rest; in >> name && std::getline(in, rest);)
      if (name == field) return std::stod(rest) / 1024;
    return -1.0;
  };
  malloc_trim(0);
  if (!(std::ofstream("/proc/self/clear_refs") << "5").flush()) return -1;  // the peak begins again
  const double before = status("VmRSS:");
  work();
  return status("VmHWM:") - before;
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// Pickles that try to take memory or stack: each is refused or read, with less than 64 MB beyond its own
/// bytes.
TEST(DamagedFiles, BombsStayBelow64Megabytes) {
  const std::string doubling =
      repeat(raw("q\1h\1h\1\x86"), 100'000);  // each tuple holds the one before it twice
  const std::vector<std::pair<std::string, std::string>> bombs = {
      {"memo numbers", repeat(raw("Nr\x3f\x42\x0f\0") + "0", 1)},
      {"memo tuples that double", "N" + doubling + "."},
      {"lists in lists", repeat("]", 240'000) + repeat("a", 239'999) + "."},
      {"more lists than allowed", repeat("]", 2'000'000)},
      {"marks", repeat("(", 1'000'000)},
      {"tuples in tuples", ")" + repeat("\x85", 249'000) + "."},
      {"dictionaries with attributes", repeat("}}b", 120'000)},
      {"numbers", repeat("K\1", 2'000'000)},
      {"opcodes", "N" + repeat(raw("q\1h\1"), 3'000'000)},
      {"one list of pairs, copied again and again",
       "](" + repeat("K\1K\2\x86", 100'000) + "eq\1" +
           repeat(raw("ccollections\nOrderedDict\nh\1\x85R"), 100'000)},
      {"one tuple of arguments, used again and again",
       "(" + repeat("N", 500'000) + "tq\1" + repeat(raw("ctorch\ndevice\nh\1R"), 100'000)},
  };
  for (const auto& [name, pickle] : bombs) {
    SCOPED_TRACE(name);
    std::string archive = zip_checkpoint("\x80\x02" + pickle, {}).finish();
    auto bytes = std::make_shared<const std::vector<std::uint8_t>>(archive.begin(), archive.end());
    archive = {};
    const double megabytes = peak_growth([&] {
      EXPECT_THROW(read_tensor_bytes({bytes->data(), bytes->size(), "FILE", bytes}), Error);
    });
    RecordProperty(name, std::to_string(megabytes));
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(megabytes, 64) << "while reading " << bytes->size() << " bytes";
#endif
  }
}

}  // namespace
}  // namespace pose::test
