#pragma once

#include <string>
#include <vector>

#include "pose/results.h"

namespace pose {

/// The skeleton that the results have: the table's, or one made of their own names. It refers to `results`.
Skeleton skeleton_of(const Results& results);

/// The joints of `to` by their names; a neck and the middle of the hips are made of the pairs beside them,
/// what else there is none of becomes three zeros. The names of the joints that `to` has no place for are
/// given back. Throws `kMismatch` if no joint has a name that both know. Source: src/results/README.md, 10.
std::vector<std::string> change_skeleton(Results& results, const Skeleton& to);

}  // namespace pose
