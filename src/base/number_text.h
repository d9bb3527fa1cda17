#pragma once

#include <string>

namespace pose {

/// The shortest text that reads back as the same number, laid out as Python does: at least one decimal
/// ("100.0"), a scientific form below 1e-4 and from 1e16 on ("1e-05"), bare NaN, Infinity and -Infinity. f32
/// values are widened first, so `0.1f` is "0.10000000149011612". Independent of the locale.
std::string number_text(double value);

}  // namespace pose
