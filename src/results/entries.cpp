#include "results/entries.h"

#include <cmath>
#include <utility>

#include "pose/error.h"

namespace pose {
Entry::Entry(const nlohmann::json& value, std::string place, const std::string& file)
    : value_(value), place_(std::move(place)), file_(file) {
  if (!value.is_object()) fail("", "must be an object");
}

const nlohmann::json* Entry::find(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() ? nullptr : &*found;
}

const nlohmann::json& Entry::at(const char* key) const {
  const nlohmann::json* found = find(key);
  if (!found) fail(key, "is missing");
  return *found;
}

double Entry::number(const nlohmann::json& value, const std::string& key) const {
  if (!value.is_number()) fail(key, "must be a number");
  const auto number = value.get<double>();
  if (!(std::abs(number) <= kFarthest)) fail(key, "is out of range");
  return number;
}

Rect Entry::rect(const char* key) const {
  const nlohmann::json& list = at(key);
  if (!list.is_array() || list.size() != 4) fail(key, "must be [x, y, width, height]");
  const auto value = [&](std::size_t i) {
    const std::string place = std::string(key) + "[" + std::to_string(i) + "]";
    const double side = number(list[i], place);
    if (i >= 2 && side < 0) fail(place, "is out of range");
    return side;
  };
  return {value(0), value(1), value(2), value(3)};
}

std::vector<Joint> Entry::joints(const char* key) const {
  const nlohmann::json& list = at(key);
  if (!list.is_array() || list.size() % 3 != 0) fail(key, "must be a list of x, y and score per joint");
  std::vector<Joint> joints;
  for (std::size_t i = 0; i < list.size(); i += 3) {
    const auto value = [&](std::size_t k) {
      return static_cast<float>(number(list[i + k], std::string(key) + "[" + std::to_string(i + k) + "]"));
    };
    joints.push_back({value(0), value(1), value(2)});
  }
  return joints;
}

void Entry::fail(const std::string& key, const std::string& what) const {
  throw Error::format(file_ + ": " + place_ + (key.empty() ? "" : ".") + key + " " + what);
}

}  // namespace pose
