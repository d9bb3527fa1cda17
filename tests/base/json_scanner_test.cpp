#include "base/json_scanner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "pose/error.h"

namespace pose {
namespace {

using nlohmann::json;

void skip_all(JsonScanner& scanner) {
  scanner.skip();
  scanner.finish();
}

void expect_failure(const std::string& text, const std::function<void(JsonScanner&)>& ask,
                    const std::string& message) {
  JsonScanner scanner(text, "x.json");
  try {
    ask(scanner);
    ADD_FAILURE() << text << ": was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(JsonScanner, ReadsWhatIsAskedFor) {
  const std::string text =
      " {\"id\" : 7,\n\"k\\u00e9y\":[1, -2.5e1,0.1],\"none\":[],\"on\":true,\"off\":0, "
      "\"name\":\"a\\n\xc3\xa9\"} ";
  JsonScanner scanner(text, "x.json");
  std::string name;
  scanner.begin_object();
  ASSERT_TRUE(scanner.next_member(name));
  EXPECT_EQ(name, "id");
  EXPECT_EQ(scanner.integer(), 7);
  ASSERT_TRUE(scanner.next_member(name));
  EXPECT_EQ(name, "k\xc3\xa9y");
  std::vector<double> numbers;
  scanner.begin_list();
  while (scanner.next_item()) numbers.push_back(scanner.number());
  EXPECT_EQ(numbers, (std::vector<double>{1, -25, 0.1}));
  ASSERT_TRUE(scanner.next_member(name));
  scanner.begin_list();
  EXPECT_FALSE(scanner.next_item());
  ASSERT_TRUE(scanner.next_member(name));
  EXPECT_TRUE(scanner.truth());
  ASSERT_TRUE(scanner.next_member(name));
  EXPECT_FALSE(scanner.truth());
  ASSERT_TRUE(scanner.next_member(name));
  EXPECT_EQ(scanner.text(), "a\n\xc3\xa9");
  EXPECT_FALSE(scanner.next_member(name));
  scanner.finish();
}

TEST(JsonScanner, TakesJsonAndNothingElse) {
  for (const char* text : {"[]",
                           "{}",
                           "[1]",
                           "[[],{}]",
                           "{\"a\":{\"b\":[null,true,false]}}",
                           "0",
                           "-0",
                           "1e5",
                           "1E-5",
                           "1.5e+3",
                           "\"\"",
                           "\"\\\"\"",
                           "\"\\ud83d\\ude00\"",
                           "1e-999",
                           " [ 1 , 2 ] ",
                           "",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{1:1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "-",
                           "1e",
                           "1e+",
                           "0x1",
                           "1e999",
                           "NaN",
                           "-Infinity",
                           "tru",
                           "nul",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\ud83d\"",
                           "\"\x01\"",
                           "\"\xff\"",
                           "[]]",
                           "[}",
                           "1 1",
                           "'a'",
                           "[1]//",
                           "\"\\"}) {
    JsonScanner scanner(text, "x.json");
    bool read = true;
    try {
      skip_all(scanner);
    } catch (const Error&) {
      read = false;
    }
    EXPECT_EQ(read, json::accept(text)) << text;
  }
}

TEST(JsonScanner, ReadsNumbersToTheLastBit) {
  for (const char* text :
       {"0.1", "123456789.123456789", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308",
        "9007199254740993", "0.30000000000000004", "1e-400", "-0.0"}) {
    JsonScanner scanner(text, "x.json");
    EXPECT_EQ(scanner.number(), json::parse(text).get<double>()) << text;
  }
}

TEST(JsonScanner, NamesThePlace) {
  expect_failure("{\"a\": 1,\n \"b\": x}", skip_all, "x.json, line 2, byte 7: a number must stand here");
  expect_failure("[1, 2", skip_all, "x.json, line 1, byte 6: the file ends in the middle");
  expect_failure("", skip_all, "the file is empty");
  expect_failure("[NaN]", skip_all, "NaN and Infinity are no numbers of JSON");
  expect_failure("[-Infinity]", skip_all, "NaN and Infinity are no numbers of JSON");
  expect_failure("[\"a", skip_all, "the file ends within a text");
  expect_failure("[1] 2", skip_all, "something follows the end");
  expect_failure(std::string(65, '[') + std::string(65, ']'), skip_all, "nested too deeply");
}

TEST(JsonScanner, RefusesOtherKindsThanTheOneAskedFor) {
  expect_failure(
      "[]", [](JsonScanner& s) { s.begin_object(); }, "an object must stand here");
  expect_failure(
      "{}", [](JsonScanner& s) { s.begin_list(); }, "a list must stand here");
  expect_failure(
      "\"1\"", [](JsonScanner& s) { s.number(); }, "a number must stand here");
  expect_failure(
      "1", [](JsonScanner& s) { s.text(); }, "a text in quotes must stand here");
  expect_failure(
      "1.5", [](JsonScanner& s) { s.integer(); }, "must be a whole one");
  expect_failure(
      "9007199254740994", [](JsonScanner& s) { s.integer(); }, "must be a whole one");
  expect_failure(
      "2", [](JsonScanner& s) { s.truth(); }, "must be 0 or 1");
}

}  // namespace
}  // namespace pose
