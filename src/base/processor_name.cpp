#include "base/processor_name.h"

#include <fstream>

namespace pose {

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::vector<std::string> processor_features() {
  std::vector<std::string> features;
#if defined(__x86_64__)
#define POSE_FEATURE(name) \
  if (__builtin_cpu_supports(name)) features.emplace_back(name)
  POSE_FEATURE("sse4.2");
  POSE_FEATURE("avx");
  POSE_FEATURE("avx2");
  POSE_FEATURE("fma");
  POSE_FEATURE("avx512f");
  POSE_FEATURE("avx512vl");
  POSE_FEATURE("avx512vnni");
#undef POSE_FEATURE
#endif
  return features;
}

}  // namespace pose
