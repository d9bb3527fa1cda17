#pragma once

#include <string>
#include <vector>

namespace pose {

/// What an engine is and does on this machine.
struct EngineCheck {
  std::string name;     ///< row of the table of engines
  std::string runs_on;  ///< "avx512", "LibTorch 1.13.1"; "" if it cannot be opened
  double seconds = 0;   ///< to load the bundled networks and run them
  std::string fault;    ///< what is wrong; "" if the right person was found
  bool opened() const { return !runs_on.empty(); }
};

/// Opens every engine, and with each lets the bundled networks find the person on a small photo that the
/// program brings. Never throws for what an engine or a network does.
std::vector<EngineCheck> check_engines();

}  // namespace pose
