#pragma once

#include <string>

namespace pose {

/// What the system calls the processor, "AMD EPYC"; "unknown processor" where it says nothing.
std::string processor_name();

}  // namespace pose
