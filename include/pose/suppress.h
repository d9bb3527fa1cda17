#pragma once

#include <string_view>
#include <vector>

#include "pose/options.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// One row of the table of suppressors. All take the people of one photo as decoded (`score` still that of
/// the detection) and return the survivors, ranked, with `score` and `merged` set.
struct Suppressor {
  std::string_view name;  ///< "parametric", "oks", "soft-oks", "none"
  std::string_view help;
  std::vector<Person> (*apply)(std::vector<Person> people, const Skeleton& skeleton,
                               const SuppressOptions& options);
};

/// Throws `kUsage` with the nearest name.
const Suppressor& suppressor(std::string_view name);

}  // namespace pose
