#pragma once

#include <string>

namespace pose {

/// How many cores this process may use, at least 1: those of its CPU affinity, or fewer by its CPU quota
/// (containers) or by what its batch system gave its task.
int usable_cores();

/// The CPU quota of this process in whole cores, rounded up, at least 1: the least of its control group and
/// all above it, versions 1 and 2; `INT_MAX` without a quota, or where nothing sensible can be read. Files
/// are looked for below `root`: `ROOT/proc/self/cgroup` and `ROOT/sys/fs/cgroup`.
int quota_cores(const std::string& root);

/// `SLURM_CPUS_PER_TASK`, which a cluster may leave to its users to keep to; `INT_MAX` if it says nothing.
int job_cores();

}  // namespace pose
