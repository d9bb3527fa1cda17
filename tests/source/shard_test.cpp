#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "pose/source.h"

namespace pose {
namespace {

/// The one part of `count` that has the name; 0 unless there is just one.
int part_of(const std::string& name, int count) {
  int found = 0, parts = 0;
  for (int number = 1; number <= count; ++number)
    if (in_shard(name, {number, count})) found = number, ++parts;
  return parts == 1 ? found : 0;
}

TEST(Shard, NamesHaveTheirPartsForEver) {
  // From the lines of Python in src/results/README.md, 9.
  const std::pair<const char*, int> known[]{
      {"a.jpg", 312234}, {"train/img_000123.jpg", 793392}, {"caf\u00e9.png", 523995}};
  for (const auto& [name, part] : known) EXPECT_TRUE(in_shard(name, {part, 1'000'003})) << name;
  EXPECT_EQ(part_of("a.jpg", 7), 1);
  EXPECT_EQ(part_of("train/img_000123.jpg", 7), 3);
  EXPECT_EQ(part_of("caf\u00e9.png", 7), 4);
  EXPECT_TRUE(in_shard("a.jpg", {}));
}

TEST(Shard, PartsOfNumberedNamesAreOfOneSize) {
  constexpr int kNames = 8000;
  for (const int count : {2, 5, 8, 16}) {
    std::vector<int> sizes(static_cast<std::size_t>(count));
    for (int i = 0; i < kNames; ++i) {
      const int part = part_of("img_" + std::to_string(2 * i) + ".jpg", count);
      ASSERT_GT(part, 0);
      ++sizes[static_cast<std::size_t>(part - 1)];
    }
    for (const int size : sizes) EXPECT_NEAR(size, kNames / count, 0.15 * kNames / count);
  }
}

}  // namespace
}  // namespace pose
