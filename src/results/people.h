#pragma once

#include <optional>

#include "pose/results.h"

namespace pose {

bool has_box(const Person& person);

/// Whether nothing is known of a joint: forms without a better word write three zeros.
bool is_missing(const Joint& joint);

/// What the joints span that are known; nothing if none is.
std::optional<Box> span_of(const Person& person);

/// The person's box, or what the joints span; an empty one if there is neither.
Rect box_or_span(const Person& person);

/// "left_knee", or "joint_7" where the results have no names.
std::string joint_name(const Results& results, std::size_t joint);

/// How many joints those have who have any.
std::size_t joints_of(const Results& results);

}  // namespace pose
