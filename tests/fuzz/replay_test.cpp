#include <gtest/gtest.h>

#include <filesystem>

#include "fuzz/targets.h"
#include "support/files.h"

namespace pose::test {
namespace {

/// Every kept input, among them everything that ever crashed a reader.
TEST(FuzzCorpus, EveryInputIsReadOrRefused) {
  for (const FuzzTarget& target : fuzz_targets()) {
    SCOPED_TRACE(std::string(target.name));
    std::size_t inputs = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(data_path("fuzz/" + std::string(target.name)))) {
      SCOPED_TRACE(entry.path().filename().string());
      const std::string bytes = read_text(entry.path().string());
      EXPECT_NO_THROW(
          run_fuzz_target(target.name, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
      ++inputs;
    }
    EXPECT_GT(inputs, 0u);
  }
}

}  // namespace
}  // namespace pose::test
