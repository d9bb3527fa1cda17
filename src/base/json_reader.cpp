#include "base/json_reader.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr int kDeepestNesting = 16;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.';
}

/// The word that `at` is in, as far as it can be shown.
std::string word_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 20;
  std::size_t first = at, end = at;
  while (first > 0 && at - first < kLongest && is_word(text[first - 1])) --first;
  while (end < text.size() && end - first < kLongest && is_word(text[end])) ++end;
  if (end == at) ++end;
  std::string word(text.substr(first, end - first));
  for (char& c : word)
    if (c < ' ' || c > '~') c = '?';
  return word;
}

/// Where the parser stopped, in words that somebody with an editor can use. `byte` counts from 1.
std::string describe_stop(std::string_view text, std::size_t byte, const char* reason) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "it is empty";
  if (byte > text.size())
    return "it ends in the middle, after " + std::to_string(text.size()) +
           " bytes: it was cut off, copy or make it again";
  const std::size_t at = byte > 0 ? byte - 1 : 0;
  const std::string_view before = text.substr(0, at);
  const std::string place = "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) +
                            ", byte " +
                            std::to_string(at - (before.find_last_of('\n') + 1) + 1);  // npos + 1 is 0
  const std::string word = word_at(text, at);
  if (word == "NaN" || word == "nan" || word == "Infinity" || word == "-Infinity")
    return place + ": '" + word +
           "' is no number of JSON; whatever wrote the file had no value there, leave that entry out";
  return place + ": '" + word + "' cannot stand here (" + reason + ")";
}

}  // namespace

json parse_strictly(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> members;
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kDeepestNesting) throw Error::format(file + ": nested too deeply");
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end) members.pop_back();
    if (event == json::parse_event_t::key && !members.back().insert(value.get<std::string>()).second)
      throw Error::format(file + ": '" + value.get<std::string>() + "' stands twice in one object");
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), check);
  } catch (const json::parse_error& e) {
    throw Error::format(file + ": not JSON: " + describe_stop(text, e.byte, e.what()));
  } catch (const json::exception& e) {
    throw Error::format(file + ": not JSON: " + e.what());
  }
}

ObjectReader::ObjectReader(const json& object, std::string file, std::string place)
    : object_(&object), file_(std::move(file)), place_(std::move(place)) {
  if (!object.is_object())
    throw Error::format(file_ + ": " + (place_.empty() ? "the file" : place_) + " must be an object");
}

std::string ObjectReader::place_of(const std::string& key) const {
  return (place_.empty() ? "" : place_ + ".") + key;
}

const json* ObjectReader::find(const std::string& key) {
  asked_.insert(key);
  const auto found = object_->find(key);
  return found == object_->end() ? nullptr : &*found;
}

void ObjectReader::fail(const std::string& key, const std::string& what) const {
  throw Error::format(file_ + ": " + place_of(key) + " " + what);
}

std::string ObjectReader::text_of(const json& value, const std::string& key, std::size_t longest) const {
  if (!value.is_string()) fail(key, "must be a text");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.size() > longest) fail(key, "is too long");
  if (text.find('\0') != std::string::npos) fail(key, "must not hold zero bytes");
  return text;
}

std::string ObjectReader::text(const std::string& key, std::size_t longest) {
  const json* value = find(key);
  if (!value) fail(key, "is missing");
  return text_of(*value, key, longest);
}

std::string ObjectReader::text_or(const std::string& key, const std::string& fallback) {
  return find(key) ? text(key) : fallback;
}

std::int64_t ObjectReader::integer(const std::string& key, std::int64_t low, std::int64_t high) {
  const json* value = find(key);
  if (!value) fail(key, "is missing");
  const bool good = value->is_number_integer() &&
                    !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) &&
                    value->get<std::int64_t>() >= low && value->get<std::int64_t>() <= high;
  if (!good) fail(key, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return value->get<std::int64_t>();
}

std::int64_t ObjectReader::integer_or(const std::string& key, std::int64_t fallback, std::int64_t low,
                                      std::int64_t high) {
  return find(key) ? integer(key, low, high) : fallback;
}

double ObjectReader::number_or(const std::string& key, double fallback, double low, double high) {
  const json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number() || !(value->get<double>() >= low && value->get<double>() <= high))
    fail(key, "must be a number from " + std::to_string(low) + " to " + std::to_string(high));
  return value->get<double>();
}

double ObjectReader::number(const std::string& key) {
  const json* value = find(key);
  if (!value) fail(key, "is missing");
  if (!value->is_number() || !std::isfinite(value->get<double>())) fail(key, "must be a number");
  return value->get<double>();
}

std::vector<double> ObjectReader::numbers_or(const std::string& key, const std::vector<double>& fallback) {
  const json* value = find(key);
  if (!value) return fallback;
  bool good = value->is_array() && value->size() == fallback.size();
  for (std::size_t i = 0; good && i < value->size(); ++i)
    good = (*value)[i].is_number() && std::isfinite((*value)[i].get<double>());
  if (!good) fail(key, "must be a list of " + std::to_string(fallback.size()) + " numbers");
  return value->get<std::vector<double>>();
}

std::vector<double> ObjectReader::numbers(const std::string& key) {
  const json* value = find(key);
  if (!value || !value->is_array()) fail(key, "must be a list of numbers");
  std::vector<double> result;
  result.reserve(value->size());
  for (const json& item : *value) {
    if (!item.is_number() || !std::isfinite(item.get<double>())) fail(key, "must be a list of numbers");
    result.push_back(item.get<double>());
  }
  return result;
}

bool ObjectReader::truth(const std::string& key) {
  const json* value = find(key);
  if (!value || !value->is_boolean()) fail(key, "must be true or false");
  return value->get<bool>();
}

std::vector<ObjectReader> ObjectReader::objects(const std::string& key) {
  const json* value = find(key);
  if (!value || !value->is_array()) fail(key, "must be a list");
  std::vector<ObjectReader> result;
  for (std::size_t i = 0; i < value->size(); ++i)
    result.emplace_back((*value)[i], file_, place_of(key) + "[" + std::to_string(i) + "]");
  return result;
}

std::vector<std::variant<std::string, ObjectReader>> ObjectReader::texts_and_objects(const std::string& key) {
  const json* value = find(key);
  std::vector<std::variant<std::string, ObjectReader>> result;
  if (!value) return result;
  if (!value->is_array()) fail(key, "must be a list");
  for (std::size_t i = 0; i < value->size(); ++i) {
    const json& item = (*value)[i];
    const std::string place = key + "[" + std::to_string(i) + "]";
    if (!item.is_string() && !item.is_object()) fail(place, "must be a text or an object");
    if (item.is_object())
      result.emplace_back(ObjectReader(item, file_, place_of(place)));
    else
      result.emplace_back(text_of(item, place, kLongestText));
  }
  return result;
}

ObjectReader ObjectReader::object(const std::string& key) {
  static const json kEmpty = json::object();
  const json* value = find(key);
  return ObjectReader(value ? *value : kEmpty, file_, place_of(key));
}

std::vector<std::string> ObjectReader::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : object_->items()) names.push_back(key);
  return names;
}

std::vector<std::int64_t> ObjectReader::integers(const std::string& key) {
  const json* value = find(key);
  if (!value) fail(key, "is missing");
  const json list = value->is_array() ? *value : json::array({*value});
  std::vector<std::int64_t> result;
  for (const json& item : list) {
    if (!item.is_number_integer() || list.size() > 16 || item < -1000000 || item > 1000000)
      fail(key, "must be a whole number or a short list of them");
    result.push_back(item.get<std::int64_t>());
  }
  return result;
}

void ObjectReader::finish() const {
  for (const auto& [key, value] : object_->items())
    if (!asked_.count(key)) fail(key, "is not known here (see models/README.md)");
}

}  // namespace pose
