#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace pose {

/// Reads the members of one JSON object strictly: every member must be asked for, types and ranges must fit.
/// What does not is `kFormat` with the file and the place ("input.width").
class ObjectReader {
 public:
  static constexpr std::size_t kLongestText = 20'000;

  ObjectReader(const nlohmann::json& object, std::string file, std::string place);

  bool has(const std::string& key) const { return object_->contains(key); }
  std::string text(const std::string& key, std::size_t longest = kLongestText);
  std::string text_or(const std::string& key, const std::string& fallback);
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high);
  double number_or(const std::string& key, double fallback, double low, double high);
  double number(const std::string& key);  ///< finite
  std::vector<double> numbers_or(const std::string& key, const std::vector<double>& fallback);
  /// A list of finite numbers of any length.
  std::vector<double> numbers(const std::string& key);
  bool truth(const std::string& key);
  /// An empty reader if the member is missing.
  ObjectReader object(const std::string& key);
  /// A list of objects; `KEY[3]` in messages.
  std::vector<ObjectReader> objects(const std::string& key);
  /// A list of texts and objects, empty if the member is missing.
  std::vector<std::variant<std::string, ObjectReader>> texts_and_objects(const std::string& key);
  std::vector<std::string> keys() const;
  /// One integer or a list of them.
  std::vector<std::int64_t> integers(const std::string& key);

  /// Throws if a member was never asked for.
  void finish() const;
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  const nlohmann::json* find(const std::string& key);
  std::string place_of(const std::string& key) const;
  std::string text_of(const nlohmann::json& value, const std::string& key, std::size_t longest) const;

  const nlohmann::json* object_;
  std::string file_, place_;
  std::set<std::string> asked_;
};

/// Parses text that may come from anywhere: no comments, no duplicate members, nesting bounded.
nlohmann::json parse_strictly(std::string_view text, const std::string& file);

}  // namespace pose
