#include "base/lookup.h"

#include <gtest/gtest.h>

#include <array>

namespace pose {
namespace {

struct Row {
  std::string_view name;
  int value;
};
constexpr std::array<Row, 2> kTable{{{"alphapose", 1}, {"darknet", 2}}};

TEST(Lookup, FindsTheRow) { EXPECT_EQ(lookup(kTable, "darknet", "rules").value, 2); }

TEST(Lookup, UnknownNameListsTheKnownAndSuggestsTheNearest) {
  try {
    lookup(kTable, "alfapose", "rules");
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    EXPECT_STREQ(e.what(), "unknown rules 'alfapose' (known: alphapose, darknet); did you mean 'alphapose'?");
  }
}

TEST(Lookup, NothingNearGivesNoSuggestion) { EXPECT_EQ(nearest_name("zzzzzz", {"alphapose"}), ""); }

}  // namespace
}  // namespace pose
