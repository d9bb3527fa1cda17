#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pose {

/// Whether a photo may be called so: a path below some folder. Others would lead out of the results' folder.
bool stays_inside(const std::string& name);

/// The name up to its first dot, without folders: how AlphaPose names files per image.
std::string stem_of(const std::string& name);

/// COCO's number of an image in its digits, without leading zeros: the last piece of the stem.
/// `COCO_val2014_000000000042.jpg` is "42". Nothing if that is no number.
std::optional<std::string> coco_digits(const std::string& name);
/// The same as a number; nothing also if it is greater than any image has.
std::optional<std::int64_t> coco_number(const std::string& name);

}  // namespace pose
