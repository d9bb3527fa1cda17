// The borders of the small text tools: the first and last of every kind.

#include <gtest/gtest.h>

#include <limits>
#include <new>
#include <stdexcept>

#include "base/json_text.h"
#include "base/lookup.h"
#include "base/number_text.h"
#include "pose/error.h"

namespace pose {
namespace {

TEST(JsonString, FirstAndLastCharacterOfEveryLength) {
  EXPECT_EQ(json_string(" ~\x7f"), "\" ~\x7f\"");
  EXPECT_EQ(json_string("\x1f"), "\"\\u001f\"");
  EXPECT_EQ(json_string("\xC2\x80"), "\"\\u0080\"");
  EXPECT_EQ(json_string("\xDF\xBF"), "\"\\u07ff\"");
  EXPECT_EQ(json_string("\xE0\xA0\x80"), "\"\\u0800\"");
  EXPECT_EQ(json_string("\xED\x9F\xBF"), "\"\\ud7ff\"");
  EXPECT_EQ(json_string("\xEE\x80\x80"), "\"\\ue000\"");
  EXPECT_EQ(json_string("\xEF\xBF\xBF"), "\"\\uffff\"");
  EXPECT_EQ(json_string("\xF0\x90\x80\x80"), "\"\\ud800\\udc00\"");
  EXPECT_EQ(json_string("\xF4\x8F\xBF\xBF"), "\"\\udbff\\udfff\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(JsonString, ShortEscapes) { EXPECT_EQ(json_string("\b\f\n\r\t/"), "\"\\b\\f\\n\\r\\t/\""); }

TEST(JsonString, WhatIsJustNotUtf8) {
  EXPECT_EQ(json_string("\x80"), "\"\\uef80\"");
  EXPECT_EQ(json_string("\xC1\xBF"), "\"\\uefc1\\uefbf\"");
  EXPECT_EQ(json_string("\xE0\x9F\xBF"), "\"\\uefe0\\uef9f\\uefbf\"");
  EXPECT_EQ(json_string("\xED\xBF\xBF"), "\"\\uefed\\uefbf\\uefbf\"");
  EXPECT_EQ(json_string("\xF0\x8F\xBF\xBF"), "\"\\ueff0\\uef8f\\uefbf\\uefbf\"");
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), "\"\\ueff4\\uef90\\uef80\\uef80\"");
  EXPECT_EQ(json_string("\xF8\x88\x80\x80\x80"), "\"\\ueff8\\uef88\\uef80\\uef80\\uef80\"");
  EXPECT_EQ(json_string("\xE2\x82"), "\"\\uefe2\\uef82\"");
  EXPECT_EQ(json_string("\xE2\x82y"), "\"\\uefe2\\uef82y\"");
  EXPECT_EQ(json_string("\xC3z"), "\"\\uefc3z\"");
}

TEST(NumberText, SwitchesToExponentsWherePythonDoes) {
  EXPECT_EQ(number_text(9.999e-5), "9.999e-05");
  EXPECT_EQ(number_text(-1e-4), "-0.0001");
  EXPECT_EQ(number_text(-5e-5), "-5e-05");
  EXPECT_EQ(number_text(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(number_text(-1e16), "-1e+16");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "Infinity");
}

TEST(Lookup, NearMeansHalfOfTheNameOrTwoEdits) {
  EXPECT_EQ(nearest_name("xy", {"ab"}), "ab");
  EXPECT_EQ(nearest_name("xyz", {"abc"}), "");
  EXPECT_EQ(nearest_name("abcdefgh", {"abcdxxxx"}), "abcdxxxx");
  EXPECT_EQ(nearest_name("abcdefgh", {"abcxxxxx"}), "");
  EXPECT_EQ(nearest_name("", {"abc", "ab"}), "ab");
}

TEST(Lookup, TheFewestEditsWinAndAmongEqualsTheFirst) {
  EXPECT_EQ(nearest_name("hrnet-w32", {"hrnet-w48", "hrnet-w32s", "hrnet"}), "hrnet-w32s");
  EXPECT_EQ(nearest_name("darknt", {"darkest", "darknet"}), "darknet") << "a letter left out";
  EXPECT_EQ(nearest_name("daarknet", {"darkest", "darknet"}), "darknet") << "a letter too much";
  EXPECT_EQ(nearest_name("cat", {"bat", "hat"}), "bat");
  EXPECT_EQ(nearest_name("kitten", {"sitting"}), "sitting") << "three edits";
  // One edit, whichever, against two exchanged letters that come first.
  EXPECT_EQ(nearest_name("abcd", {"abxy", "abc"}), "abc");
  EXPECT_EQ(nearest_name("abcd", {"abxy", "abcde"}), "abcde");
  EXPECT_EQ(nearest_name("abcd", {"abxy", "bcd"}), "bcd");
  EXPECT_EQ(nearest_name("abcd", {"abxy", "xabcd"}), "xabcd");
  EXPECT_EQ(nearest_name("abcd", {"abxy", "abed"}), "abed");
}

TEST(Error, EveryKindHasItsName) {
  const std::pair<ErrorKind, const char*> names[] = {{ErrorKind::kUsage, "usage"},
                                                     {ErrorKind::kNotFound, "not_found"},
                                                     {ErrorKind::kIo, "io"},
                                                     {ErrorKind::kFormat, "format"},
                                                     {ErrorKind::kMismatch, "mismatch"},
                                                     {ErrorKind::kUnsupported, "unsupported"},
                                                     {ErrorKind::kMemory, "memory"},
                                                     {ErrorKind::kInternal, "internal"}};
  for (const auto& [kind, name] : names) EXPECT_EQ(to_string(kind), name);
}

TEST(Error, IoErrorsSayWhatTheSystemSays) {
  const Error error = Error::io("cannot write a.json", 28);
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_STREQ(error.what(), "cannot write a.json: No space left on device");
}

template <typename Thrown>
Error seen_as(const Thrown& thrown) {
  try {
    throw thrown;
  } catch (...) {
    return current_error();
  }
}

TEST(Error, WhateverIsThrownBecomesAnError) {
  EXPECT_EQ(seen_as(Error::mismatch("m")).kind(), ErrorKind::kMismatch);
  EXPECT_STREQ(seen_as(Error::mismatch("m")).what(), "m");
  EXPECT_EQ(seen_as(std::bad_alloc()).kind(), ErrorKind::kMemory);
  for (const char* words :
       {"Insufficient memory: 12 bytes", "DefaultCPUAllocator: not enough memory", "out of memory"})
    EXPECT_EQ(seen_as(std::runtime_error(words)).kind(), ErrorKind::kMemory) << words;
  EXPECT_EQ(seen_as(std::runtime_error("a memory")).kind(), ErrorKind::kInternal);
  EXPECT_STREQ(seen_as(std::runtime_error("a memory")).what(), "a memory");
  EXPECT_EQ(seen_as(3).kind(), ErrorKind::kInternal);
}

}  // namespace
}  // namespace pose
