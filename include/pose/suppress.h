#pragma once

#include <string_view>
#include <vector>

#include "pose/options.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// One row of the table of suppressors.
struct Suppressor {
  std::string_view name;  ///< "parametric", "oks", "soft-oks", "none"
  std::string_view help;
  std::vector<Person> (*rule)(std::vector<Person> people, const Skeleton& skeleton,
                              const SuppressOptions& options);

  /// Takes the people of one photo as decoded (`score` still that of the detection) and returns the
  /// survivors, ranked, with `score` and `merged` set. Throws `kUsage` for people that have not the joints of
  /// the skeleton or numbers that are not finite, and like `check_suppress_options`; `kMismatch` where scores
  /// are so large that nothing can be computed from them.
  std::vector<Person> apply(std::vector<Person> people, const Skeleton& skeleton,
                            const SuppressOptions& options) const;
};

/// Throws `kUsage` naming the first option that is out of its range: every number must be finite, distances
/// and `alpha` at least 0, `delta2` greater than 0, `match_threshold` and `soft_max_people` at least 1,
/// `oks_threshold` above 0 and at most 1.
void check_suppress_options(const SuppressOptions& options);

/// Throws `kUsage` with the nearest name.
const Suppressor& suppressor(std::string_view name);

}  // namespace pose
