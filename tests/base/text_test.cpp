#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/number_text.h"

namespace pose {
namespace {

TEST(NumberText, IsPythons) {
  EXPECT_EQ(number_text(100), "100.0");
  EXPECT_EQ(number_text(0), "0.0");
  EXPECT_EQ(number_text(-0.0), "-0.0");
  EXPECT_EQ(number_text(0.1f), "0.10000000149011612");
  EXPECT_EQ(number_text(1e-5), "1e-05");
  EXPECT_EQ(number_text(1e-5f), "9.999999747378752e-06");
  EXPECT_EQ(number_text(0.0001), "0.0001");
  EXPECT_EQ(number_text(1e16), "1e+16");
  EXPECT_EQ(number_text(1e15), "1000000000000000.0");
  EXPECT_EQ(number_text(1.5e300), "1.5e+300");
  EXPECT_EQ(number_text(123456.789f), "123456.7890625");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(JsonString, IsAsciiWithPythonsEscapes) {
  EXPECT_EQ(json_string("a b/c.jpg"), "\"a b/c.jpg\"");
  EXPECT_EQ(json_string("\"\\\n\t\x01"), "\"\\\"\\\\\\n\\t\\u0001\"");
  EXPECT_EQ(json_string("ü"), "\"\\u00fc\"");
  EXPECT_EQ(json_string("😀"), "\"\\ud83d\\ude00\"");
}

TEST(JsonString, BytesThatAreNoUtf8BecomePrivateCodePoints) {
  EXPECT_EQ(json_string("\xFF"), "\"\\uefff\"");
  EXPECT_EQ(json_string("\xC3"), "\"\\uefc3\"");
  EXPECT_EQ(json_string("\xC0\xAF"), "\"\\uefc0\\uefaf\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\\uefed\\uefa0\\uef80\"");
  EXPECT_EQ(json_string("\xEE\xBE\x93"), "\"\\uefee\\uefbe\\uef93\"") << "a name that has U+EF93 itself";
}

TEST(JsonString, ComesBackByteForByteThroughAStrictReader) {
  std::mt19937 random(7);
  const std::vector<std::string> parts{"a",
                                       "/",
                                       "\"",
                                       "\\",
                                       "\n",
                                       "ü",
                                       "😀",
                                       "\x80",
                                       "\xC3",
                                       "\xFF",
                                       "\xEE\xBE\x93",
                                       "\xEE\xBF\xBF",
                                       "\xEE\xBD\xBF",
                                       "\xED\xA0\x80",
                                       "\xF4\x90\x80\x80",
                                       "\xE2\x82"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 8; ++i) text += parts[random() % parts.size()];
    const std::string read = nlohmann::json::parse(json_string(text)).get<std::string>();
    EXPECT_EQ(from_json_text(read), text);
  }
}

}  // namespace
}  // namespace pose
