#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pose/results.h"

namespace pose {

/// Pixels, and scores: what is beyond is no result of anybody.
constexpr double kFarthest = 1e6;

/// One part of a document of people, with its place for messages.
class Entry {
 public:
  /// `place`: "[3]", "name.jpg".people[0]. Throws `kFormat` if `value` is no object.
  Entry(const nlohmann::json& value, std::string place, const std::string& file);

  /// A member that must be there.
  const nlohmann::json& at(const char* key) const;
  const nlohmann::json* find(const char* key) const;
  /// A number that is no farther from 0 than pictures are large.
  double number(const nlohmann::json& value, const std::string& key) const;
  /// `[x, y, width, height]`.
  Rect rect(const char* key) const;
  /// Triples of x, y and score; their count must be a multiple of three.
  std::vector<Joint> joints(const char* key) const;
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  const nlohmann::json& value_;
  std::string place_;
  const std::string& file_;
};

/// Gathers people per photo, photos in the order of their first appearance.
class PeopleByPhoto {
 public:
  void add(const std::string& name, Person person) { add(by_name_, name, std::move(person)).name = name; }
  void add(std::int64_t number, Person person) { add(by_number_, number, std::move(person)).number = number; }
  /// A photo with nobody on it, unless somebody is added.
  void add_photo(const std::string& name) {
    if (by_name_.try_emplace(name, photos_.size()).second) photos_.emplace_back().name = name;
  }
  Results take() {
    Results results;
    results.photos = std::move(photos_);
    return results;
  }

 private:
  template <typename Map, typename Key>
  PhotoPeople& add(Map& map, const Key& key, Person person) {
    const auto [found, is_new] = map.try_emplace(key, photos_.size());
    if (is_new) photos_.emplace_back();
    PhotoPeople& photo = photos_[found->second];
    photo.people.push_back(std::move(person));
    return photo;
  }

  std::vector<PhotoPeople> photos_;
  std::map<std::string, std::size_t> by_name_;
  std::map<std::int64_t, std::size_t> by_number_;
};

}  // namespace pose
