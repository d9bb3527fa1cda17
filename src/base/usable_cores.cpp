#include "base/usable_cores.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

namespace pose {
namespace {

/// The beginning of a file; more than this is none of the kernel's.
std::string beginning_of(const std::string& path) {
  std::string text(64 * 1024, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

/// The whole number in front of `text`, which is taken off with the blanks around it; 0 if there is none that
/// is greater.
std::int64_t take_positive(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const bool whole = text.empty() || text[0] == ' ' || text[0] == '\n';
  return error == std::errc{} && whole && number > 0 ? number : 0;
}

/// `quota` microseconds of computing in each `period`; "max" or -1 is no limit.
int cores_of(std::string_view quota_and_period) {
  const std::int64_t quota = take_positive(quota_and_period), period = take_positive(quota_and_period);
  if (quota == 0 || period == 0) return INT_MAX;
  const std::int64_t cores = quota / period + (quota % period != 0);
  return static_cast<int>(std::min<std::int64_t>(cores, INT_MAX));
}

int cores_of_folder(const std::string& folder) {
  return std::min(cores_of(beginning_of(folder + "/cpu.max")),
                  cores_of(beginning_of(folder + "/cpu.cfs_quota_us") + " " +
                           beginning_of(folder + "/cpu.cfs_period_us")));
}

/// False for groups outside of our container ("/../other") too: what is there is not at that place below the
/// mount.
bool is_below_mount(const std::string& group) {
  return group[0] == '/' && group.size() < PATH_MAX && (group + "/").find("/../") == std::string::npos;
}

/// The least of `mount`/`group` and all groups above it, of which some may not be there in a container.
int cores_of_group(const std::string& mount, std::string group) {
  if (!is_below_mount(group)) group.clear();
  int cores = cores_of_folder(mount);
  for (; !group.empty(); group.resize(group.rfind('/')))
    cores = std::min(cores, cores_of_folder(mount + group));
  return cores;
}

int affinity_cores() {
  for (int most = 1024; most <= 1 << 20; most *= 2) {
    cpu_set_t* set = CPU_ALLOC(most);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(most);
    const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

int quota_cores(const std::string& root) {
  const std::string mounts = root + "/sys/fs/cgroup";
  std::istringstream lines(beginning_of(root + "/proc/self/cgroup"));
  int cores = INT_MAX;
  // "NUMBER:CONTROLLERS:GROUP", without controllers for version 2.
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") cores = std::min(cores, cores_of_group(mounts, group));
    if (controllers.find(",cpu,") != std::string::npos)
      for (const char* mount : {"/cpu", "/cpu,cpuacct"})
        cores = std::min(cores, cores_of_group(mounts + mount, group));
  }
  return cores;
}

int job_cores() {
  const char* text = std::getenv("SLURM_CPUS_PER_TASK");
  std::string_view left = text ? text : "";
  const std::int64_t cores = take_positive(left);
  return cores > 0 ? static_cast<int>(std::min<std::int64_t>(cores, INT_MAX)) : INT_MAX;
}

int usable_cores() { return std::min({affinity_cores(), quota_cores(""), job_cores()}); }

}  // namespace pose
