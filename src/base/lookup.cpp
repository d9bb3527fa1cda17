#include "base/lookup.h"

#include <algorithm>
#include <numeric>

namespace pose {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(name.size() / 2, 2) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return std::string(best);
}

void fail_unknown_name(std::string_view what, std::string_view name,
                       const std::vector<std::string_view>& known) {
  std::string message = "unknown " + std::string(what) + " '" + std::string(name) + "' (known: ";
  for (std::size_t i = 0; i < known.size(); ++i) message += (i ? ", " : "") + std::string(known[i]);
  message += ")";
  const std::string nearest = nearest_name(name, known);
  if (!nearest.empty()) message += "; did you mean '" + nearest + "'?";
  throw Error::usage(message);
}

}  // namespace pose
