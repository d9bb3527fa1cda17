#pragma once

#include <string>
#include <vector>

namespace pose {

/// What the system calls the processor, "AMD EPYC"; "unknown processor" where it says nothing.
std::string processor_name();

/// What of the processor matters to engines, as far as it is there: "avx2", "fma", "avx512f" ...
std::vector<std::string> processor_features();

}  // namespace pose
