#pragma once

#include <string>

namespace pose {

/// The folder that this library was loaded from, or empty: engines and model cards are looked for near it, so
/// that an installed tree can be moved.
std::string library_folder();

}  // namespace pose
