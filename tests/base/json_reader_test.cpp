#include "base/json_reader.h"

#include <gtest/gtest.h>

#include <functional>

#include "pose/error.h"

namespace pose {
namespace {

using nlohmann::json;

/// What `ask` is told about the object `text`.
void expect_failure(const std::string& text, const std::function<void(ObjectReader&)>& ask,
                    const std::string& message) {
  const json object = json::parse(text);
  ObjectReader reader(object, "x.json", "input");
  try {
    ask(reader);
    ADD_FAILURE() << text << ": nothing was thrown; expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    EXPECT_EQ(std::string(error.what()).substr(0, message.size()), message) << text;
  }
}

void expect_no_json(const std::string& text, const std::string& part) {
  try {
    parse_strictly(text, "x.json");
    ADD_FAILURE() << text << ": was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    EXPECT_NE(std::string(error.what()).find("x.json: " + part), std::string::npos) << error.what();
  }
}

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(ParseStrictly, IsJsonWithoutExtras) {
  EXPECT_EQ(parse_strictly(R"({"a": [1, "b"]})", "x.json"), json::parse(R"({"a": [1, "b"]})"));
  for (const char* bad : {"", "{", "{\"a\": 1,}", "// a\n{}", "{} {}", "{\"a\": nan}", "{\"a\": 1e999}"})
    expect_no_json(bad, "not JSON: ");
}

TEST(ParseStrictly, NestingHasALimit) {
  EXPECT_NO_THROW(parse_strictly(nested(17), "x.json"));
  expect_no_json(nested(18), "nested too deeply");
  expect_no_json(std::string(100'000, '['), "nested too deeply");
}

TEST(ParseStrictly, ANameStandsOnceInItsObject) {
  EXPECT_NO_THROW(parse_strictly(R"({"a": {"a": 1}, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]})", "x.json"));
  expect_no_json(R"({"a": 1, "b": 2, "a": 1})", "'a' stands twice in one object");
  expect_no_json(R"({"a": {"b": 1}, "a": {}})", "'a' stands twice in one object");
  expect_no_json(R"([{"b": {"c": 1, "c": 2}}])", "'c' stands twice in one object");
}

TEST(ObjectReader, TakesMembersOfTheRightType) {
  const json object = json::parse(R"({"t": "x", "i": -3, "n": 2.5, "w": 4, "ns": [1, 2.5], "ts": ["a", "b"],
                                      "is": [3, -4], "one": 7, "o": {"k": 5}})");
  ObjectReader in(object, "x.json", "");
  EXPECT_TRUE(in.has("t"));
  EXPECT_FALSE(in.has("u"));
  EXPECT_EQ(in.text("t"), "x");
  EXPECT_EQ(in.text_or("t", "y"), "x");
  EXPECT_EQ(in.text_or("u", "y"), "y");
  EXPECT_EQ(in.integer("i", -3, -3), -3);
  EXPECT_EQ(in.integer_or("i", 1, -5, 5), -3);
  EXPECT_EQ(in.integer_or("u", 1, 5, 9), 1);
  EXPECT_EQ(in.number_or("n", 0, 2.5, 2.5), 2.5);
  EXPECT_EQ(in.number_or("w", 0, 0, 10), 4);
  EXPECT_EQ(in.number_or("u", -1, 0, 10), -1);
  EXPECT_EQ(in.numbers_or("ns", {0, 0}), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(in.numbers_or("u", {8, 9}), (std::vector<double>{8, 9}));
  const auto texts = in.texts_and_objects("ts");
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(std::get<std::string>(texts[0]), "a");
  EXPECT_EQ(std::get<std::string>(texts[1]), "b");
  EXPECT_TRUE(in.texts_and_objects("u").empty());
  EXPECT_EQ(in.integers("is"), (std::vector<std::int64_t>{3, -4}));
  EXPECT_EQ(in.integers("one"), std::vector<std::int64_t>{7});
  EXPECT_EQ(in.object("o").integer("k", 0, 9), 5);
  EXPECT_EQ(in.object("u").keys(), std::vector<std::string>{});
  EXPECT_EQ(in.keys(), (std::vector<std::string>{"i", "is", "n", "ns", "o", "one", "t", "ts", "w"}));
  EXPECT_NO_THROW(in.finish());
}

TEST(ObjectReader, TextsAreShortAndWhole) {
  const auto ask = [](ObjectReader& in) { in.text("a"); };
  expect_failure("{}", ask, "x.json: input.a is missing");
  expect_failure(R"({"a": 1})", ask, "x.json: input.a must be a text");
  expect_failure(R"({"a": "b\u0000c"})", ask, "x.json: input.a must not hold zero bytes");
  expect_failure("{\"a\": \"" + std::string(20'001, 'x') + "\"}", ask, "x.json: input.a is too long");
  const json longest = {{"a", std::string(20'000, 'x')}};
  EXPECT_EQ(ObjectReader(longest, "x.json", "").text("a").size(), 20'000u);
  expect_failure(R"({"a": null})", [](ObjectReader& in) { in.text_or("a", "b"); },
                 "x.json: input.a must be a text");
}

TEST(ObjectReader, IntegersAreWholeAndInRange) {
  const auto ask = [](ObjectReader& in) { in.integer("a", -2, 5); };
  const std::string range = "x.json: input.a must be a whole number from -2 to 5";
  expect_failure("{}", ask, "x.json: input.a is missing");
  for (const char* bad : {"-3", "6", "1.0", "\"1\"", "null", "true", "[1]", "18446744073709551615"})
    expect_failure(std::string("{\"a\": ") + bad + "}", ask, range);
  expect_failure(R"({"a": 9})", [](ObjectReader& in) { in.integer_or("a", 1, 2, 8); },
                 "x.json: input.a must be a whole number from 2 to 8");
  // Would be -1 as a signed number.
  expect_failure(R"({"a": 18446744073709551615})", [](ObjectReader& in) { in.integer("a", -1, 5); },
                 "x.json: input.a must be");
}

TEST(ObjectReader, NumbersAreInRange) {
  const auto ask = [](ObjectReader& in) { in.number_or("a", 0, 0.5, 2); };
  for (const char* bad : {"0.49", "2.01", "\"1\"", "null", "false"})
    expect_failure(std::string("{\"a\": ") + bad + "}", ask, "x.json: input.a must be a number from 0.5");
  const auto list = [](ObjectReader& in) { in.numbers_or("a", {0, 0}); };
  for (const char* bad : {"[1]", "[1, 2, 3]", "[1, \"2\"]", "[null, 2]", "3", "{\"0\": 1, \"1\": 2}"})
    expect_failure(std::string("{\"a\": ") + bad + "}", list, "x.json: input.a must be a list of 2 numbers");
}

TEST(ObjectReader, ListsHoldWhatTheyShould) {
  const auto texts = [](ObjectReader& in) { in.texts_and_objects("a"); };
  for (const char* bad : {"\"b\"", "{\"b\": \"c\"}"})
    expect_failure(std::string("{\"a\": ") + bad + "}", texts, "x.json: input.a must be a list");
  expect_failure(R"({"a": [1]})", texts, "x.json: input.a[0] must be a text or an object");
  expect_failure(R"({"a": ["b", null]})", texts, "x.json: input.a[1] must be a text or an object");
  expect_failure(R"({"a": ["b\u0000c"]})", texts, "x.json: input.a[0] must not hold zero bytes");
  expect_failure("{\"a\": [\"" + std::string(20'001, 'x') + "\"]}", texts, "x.json: input.a[0] is too long");
  const auto integers = [](ObjectReader& in) { in.integers("a"); };
  expect_failure("{}", integers, "x.json: input.a is missing");
  for (const char* bad :
       {"1.5", "[1, 2.5]", "1000001", "[-1000001]", "\"1\"", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"})
    expect_failure(std::string("{\"a\": ") + bad + "}", integers,
                   "x.json: input.a must be a whole number or a short list of them");
  const json most = {{"a", std::vector<int>(16, -1'000'000)}, {"b", 1'000'000}};
  ObjectReader in(most, "x.json", "");
  EXPECT_EQ(in.integers("a"), std::vector<std::int64_t>(16, -1'000'000));
  EXPECT_EQ(in.integers("b"), std::vector<std::int64_t>{1'000'000});
}

TEST(ObjectReader, PlacesAreNamed) {
  EXPECT_THROW(ObjectReader(json::array(), "x.json", ""), Error);
  expect_failure(R"({"a": 3})", [](ObjectReader& in) { in.object("a"); },
                 "x.json: input.a must be an object");
  expect_failure(R"({"a": {"b": 1}})", [](ObjectReader& in) { in.object("a").text("b"); },
                 "x.json: input.a.b must be a text");
  const json object = json::parse(R"({"a": {}})");
  try {
    ObjectReader(object, "x.json", "").object("a").text("b");
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "x.json: a.b is missing");
  }
}

TEST(ObjectReader, EveryMemberMustBeAskedFor) {
  expect_failure(R"({"a": 1, "b": 2})",
                 [](ObjectReader& in) {
                   in.integer("a", 0, 9);
                   in.text_or("c", "");
                   in.finish();
                 },
                 "x.json: input.b is not known here");
}

}  // namespace
}  // namespace pose
