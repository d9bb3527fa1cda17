#pragma once

#include <string>

#include "pose/results.h"

namespace pose {

/// "[x, y, score, ...]" of all joints.
std::string joints_text(const Person& person);

/// "[x, y, width, height]".
std::string rect_text(const Rect& rect);

}  // namespace pose
