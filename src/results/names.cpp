#include "results/names.h"

#include <algorithm>
#include <charconv>

namespace pose {

bool stays_inside(const std::string& name) {
  return !name.empty() && name[0] != '/' && ("/" + name + "/").find("/../") == std::string::npos;
}

std::string stem_of(const std::string& name) {
  const std::string file = name.substr(name.rfind('/') + 1);
  return file.substr(0, file.find('.'));
}

std::optional<std::string> coco_digits(const std::string& name) {
  const std::string stem = stem_of(name);
  std::string digits = stem.substr(stem.rfind('_') + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

std::optional<std::int64_t> coco_number(const std::string& name) {
  const std::optional<std::string> digits = coco_digits(name);
  std::int64_t number = 0;
  if (!digits) return std::nullopt;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace pose
