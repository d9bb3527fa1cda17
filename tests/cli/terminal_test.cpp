#include "cli/terminal.h"

#include <gtest/gtest.h>

#include "cli/progress.h"

namespace pose {
namespace {

TEST(Terminal, ControlCharactersOfNamesAreShown) {
  EXPECT_EQ(for_terminal("a\nb\r\tc\x1b[2J\x7f"), "a\\nb\\r\\tc\\x1b[2J\\x7f");
  EXPECT_EQ(for_terminal("caf\xC3\xA9 \xC2\xA0 \xE9"), "caf\xC3\xA9 \xC2\xA0 \xE9");
  EXPECT_EQ(for_terminal("\xC2\x9B"), "\\x9b");
  EXPECT_EQ(for_terminal("one\n  two"), "one\n  two") << "a line of our own";
  EXPECT_EQ(for_terminal(std::string("a\0b\n", 4)), "a\\x00b\\n");
}

TEST(Terminal, OneIsSingular) {
  EXPECT_EQ(counted(1, "person", "people"), "1 person");
  EXPECT_EQ(counted(0, "person", "people"), "0 people");
  EXPECT_EQ(counted(2, "image", "images"), "2 images");
}

TEST(Terminal, TimesAreShort) {
  EXPECT_EQ(clock_text(0.04), "0.0 s");
  EXPECT_EQ(clock_text(9.94), "9.9 s");
  EXPECT_EQ(clock_text(9.96), "10 s");
  EXPECT_EQ(clock_text(59.4), "59 s");
  EXPECT_EQ(clock_text(59.6), "1:00");
  EXPECT_EQ(clock_text(3725), "1:02:05");
  EXPECT_EQ(clock_text(-1), "0.0 s");
}

}  // namespace
}  // namespace pose
