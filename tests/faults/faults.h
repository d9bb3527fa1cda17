#pragma once

#include <cstddef>

namespace pose::test {

/// What can be made to fail. In this program the functions of the C library and `operator new` are replaced
/// (`faults.cpp`): they count, and fail when their turn comes.
enum class FaultKind {
  kOpen,      ///< open, openat, fopen: no descriptor is left
  kWrite,     ///< write, fwrite, fflush, fclose: the disk is full
  kSync,      ///< fsync, fdatasync: the disk is broken
  kRename,    ///< rename
  kAllocate,  ///< operator new, and what OpenCV takes for pictures
  kForward,   ///< either network, which says so itself
};
constexpr std::size_t kFaultKinds = 6;

enum class FaultShape {
  kOnce,     ///< the n-th call alone
  kLasting,  ///< the n-th call and all after it
  kShort,    ///< the n-th write does half of its work, the next one none
  kKill,     ///< the process dies in the n-th call, a write after half of its work
};

struct Fault {
  FaultKind kind = FaultKind::kOpen;
  FaultShape shape = FaultShape::kOnce;
  long number = 0;  ///< of the call, from 1 on; 0 for none
};

/// Makes memory for the counts, which processes forked later share with this one, and empties it.
void prepare_faults();
/// From now on calls of this process are counted, and those of `fault` fail.
void arm_fault(const Fault& fault);
/// Since `prepare_faults`, in any process: whether a call failed, and how many calls of a kind there were.
bool fault_happened();
long calls_counted(FaultKind kind);

/// Counts a call; true if it must fail.
bool fault_due(FaultKind kind);

}  // namespace pose::test
