#include <cmath>
#include <cstdio>

#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/compare.h"

namespace pose {
namespace {

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// "photo.jpg, person 2, left_knee"
std::string place_of(const Difference& d) {
  return d.photo + (d.person > 0 ? ", person " + std::to_string(d.person) : "") +
         (d.joint.empty() ? "" : ", " + d.joint);
}

std::string amount_of(const Difference& d) {
  if (d.only_in && d.kind == "photo")
    return "only in " + std::string(1, d.only_in) + ", " +
           counted(static_cast<std::size_t>(d.amount), "person", "people");
  if (d.only_in) return "only in " + std::string(1, d.only_in);
  if (d.kind == "joint")
    return "moved by " + rounded(d.amount) + " px (tolerance " + rounded(d.tolerance) + ")";
  if (d.kind == "box")
    return "boxes overlap by " + rounded(1 - d.amount) + " (at least " + rounded(1 - d.tolerance) + ")";
  return "score differs by " + rounded(d.amount) + " (tolerance " + rounded(d.tolerance) + ")";
}

std::string json_of(const Difference& d) {
  std::string text = "{\"kind\": " + json_string(d.kind) + ", \"photo\": " + json_string(d.photo);
  if (d.person > 0) text += ", \"person\": " + std::to_string(d.person);
  if (!d.joint.empty()) text += ", \"joint\": " + json_string(d.joint);
  if (d.only_in) text += ", \"only_in\": \"" + std::string(1, d.only_in) + "\"";
  if (std::isfinite(d.amount)) text += ", \"amount\": " + number_text(d.amount);
  if (!d.only_in) text += ", \"tolerance\": " + number_text(d.tolerance);
  return text + "}";
}

}  // namespace

std::string describe(const Comparison& comparison, std::size_t most) {
  const std::vector<Difference>& all = comparison.differences;
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < most; ++i)
    text += place_of(all[i]) + ": " + amount_of(all[i]) + "\n";
  if (all.size() > most) text += "... and " + std::to_string(all.size() - most) + " more\n";
  return text + counted(comparison.photos, "photo", "photos") + ", " +
         counted(comparison.people, "person", "people") + ", " +
         counted(comparison.joints, "joint", "joints") +
         " compared: " + (all.empty() ? "the same" : counted(all.size(), "difference", "differences")) +
         (comparison.joints ? ", joints at most " + rounded(comparison.farthest_px) + " px apart" : "") +
         "\n";
}

std::string to_json(const Comparison& comparison) {
  std::string text = std::string("{\"same\": ") + (comparison.same() ? "true" : "false") +
                     ", \"photos\": " + std::to_string(comparison.photos) +
                     ", \"people\": " + std::to_string(comparison.people) +
                     ", \"joints\": " + std::to_string(comparison.joints) +
                     ", \"farthest_px\": " + number_text(comparison.farthest_px) + ",\n\"differences\": [";
  for (std::size_t i = 0; i < comparison.differences.size(); ++i)
    text += (i ? ",\n  " : "\n  ") + json_of(comparison.differences[i]);
  return text + "\n]}\n";
}

}  // namespace pose
