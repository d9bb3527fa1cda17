#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pose {

/// Networks that go together, and how they are run.
struct Preset {
  std::string_view name, help;
  std::string_view detector, pose_model;  ///< cards
  std::string_view flip;
};

/// The table of presets; the first one is what runs without any option.
const std::vector<Preset>& presets();

}  // namespace pose
