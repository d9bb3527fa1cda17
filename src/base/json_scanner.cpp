#include "base/json_scanner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

constexpr std::size_t kDeepestNesting = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonScanner::JsonScanner(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

void JsonScanner::fail(const std::string& what) const {
  const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // 0 where there is none
  throw Error::format(file_ + ", line " + std::to_string(line) + ", byte " +
                      std::to_string(before.size() - start + 1) + ": " + what);
}

void JsonScanner::pass_blanks() {
  while (at(' ') || at('\n') || at('\t') || at('\r')) ++at_;
}

char JsonScanner::peek() {
  pass_blanks();
  if (at_ >= text_.size())
    fail(text_.empty() ? "the file is empty" : "the file ends in the middle; write or copy it once more");
  return text_[at_];
}

void JsonScanner::begin(char opener) {
  if (peek() != opener) fail(opener == '{' ? "an object must stand here" : "a list must stand here");
  if (fresh_.size() >= kDeepestNesting) fail("nested too deeply");
  ++at_;
  fresh_.push_back(1);
}

bool JsonScanner::next(char closer) {
  const char c = peek();
  if (c == closer) {
    ++at_;
    fresh_.pop_back();
    return false;
  }
  if (!std::exchange(fresh_.back(), 0)) {
    if (c != ',') fail(std::string("not JSON: ',' or '") + closer + "' must stand here");
    ++at_;
  }
  return true;
}

bool JsonScanner::next_member(std::string& name) {
  if (!next('}')) return false;
  name = text();
  if (peek() != ':') fail("not JSON: ':' must stand here");
  ++at_;
  return true;
}

void JsonScanner::digits() {
  if (at_ >= text_.size() || !is_digit(text_[at_])) fail("a number must stand here");
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
}

double JsonScanner::number() {
  const char first = peek();
  const std::size_t start = at_;
  if (first == '-') ++at_;
  if (at('N') || at('I')) fail("NaN and Infinity are no numbers of JSON");
  if (at('0'))
    ++at_;
  else
    digits();
  if (at('.')) ++at_, digits();
  if (at('e') || at('E')) {
    ++at_;
    if (at('+') || at('-')) ++at_;
    digits();
  }
  double value = 0;
  const char* from = text_.data() + start;
  if (std::from_chars(from, text_.data() + at_, value).ec == std::errc()) return value;
  // Smaller than any number, which is 0, or greater than all.
  value = nlohmann::json::parse(from, text_.data() + at_, nullptr, false).is_discarded() ? HUGE_VAL : 0;
  if (std::isinf(value)) fail("the number before this is too great");
  return value;
}

std::int64_t JsonScanner::integer() {
  constexpr double kGreatest = 9007199254740992.0;  // 2^53
  const double value = number();
  if (!(std::fabs(value) <= kGreatest) || value != std::floor(value))
    fail("the number before this must be a whole one");
  return static_cast<std::int64_t>(value);
}

bool JsonScanner::truth() {
  const char first = peek();
  if (first == 't' || first == 'f') {
    literal(first == 't' ? "true" : "false");
    return first == 't';
  }
  const double value = number();
  if (value != 0 && value != 1) fail("the number before this must be 0 or 1");
  return value == 1;
}

std::string JsonScanner::text() {
  if (peek() != '"') fail("a text in quotes must stand here");
  const std::size_t start = at_++;
  bool plain = true;
  for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    plain = plain && c >= 0x20 && c < 0x80 && c != '\\';
    if (c == '\\') ++at_;
  }
  if (at_ >= text_.size()) fail("the file ends within a text; write or copy it once more");
  ++at_;
  if (plain) return std::string(text_.substr(start + 1, at_ - start - 2));
  try {  // escapes, and bytes that must be UTF-8
    return nlohmann::json::parse(text_.data() + start, text_.data() + at_).get<std::string>();
  } catch (const nlohmann::json::exception&) {
    fail("the text before this has an escape that is none, or is not UTF-8");
  }
}

void JsonScanner::literal(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) fail("not JSON: a value must stand here");
  at_ += word.size();
}

void JsonScanner::skip() {
  std::string name;
  switch (peek()) {
    case '{':
      begin_object();
      while (next_member(name)) skip();
      return;
    case '[':
      begin_list();
      while (next_item()) skip();
      return;
    case '"': text(); return;
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: number();
  }
}

void JsonScanner::finish() {
  pass_blanks();
  if (at_ < text_.size()) fail("something follows the end of the JSON");
}

}  // namespace pose
