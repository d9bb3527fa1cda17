#pragma once

#include <string>

#include "pose/evaluate.h"

namespace pose {

/// A drawing of the precision at each recall, as a whole SVG file: a curve for each OKS threshold, and the
/// mean precision of each, which is the AP at that threshold.
std::string precision_plot(const Evaluation& evaluation);

}  // namespace pose
