// One call that fails, at every place of a run over six photos: the program itself, with fake networks.

#include "faults/faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "faults/run_folder.h"

namespace pose::test {
namespace {

constexpr int kPhotos = 6;
/// A run allocates some ten thousand times and writes some two hundred times: about so many of each, evenly
/// spread, are tried. With POSE_ALL_FAULTS in the environment it is every single one, which takes minutes.
constexpr long kMostTried = 60;

struct Trial {
  FaultKind kind;
  FaultShape shape;
  const char* name;
};

class Faults : public testing::TestWithParam<Trial> {
 protected:
  static long step(const RunFolder& folder, FaultKind kind) {
    if (std::getenv("POSE_ALL_FAULTS")) return 1;
    prepare_faults();
    folder.start(Fault{kind, FaultShape::kOnce, 0}).wait();
    return std::max(1L, calls_counted(kind) / kMostTried);
  }

  /// Until there is no call of that number any more.
  static void try_all(const RunFolder& folder) {
    long tried = 0;
    const long by = step(folder, GetParam().kind);
    for (Fault fault{GetParam().kind, GetParam().shape, 1};; fault.number += by, ++tried) {
      SCOPED_TRACE("call " + std::to_string(fault.number));
      prepare_faults();
      folder.restore();
      const Ended ended = folder.start(fault).wait();
      if (!fault_happened()) break;
      folder.expect_sound(ended, fault);
      if (HasFailure()) break;
    }
    EXPECT_GT(tried, 0);
    std::cout << GetParam().name << ": " << tried << " faults\n";
  }
};

TEST_P(Faults, LeaveResultsWholeOrTheEarlierOnes) { try_all(RunFolder("coco", kPhotos)); }

TEST_P(Faults, LeaveFilesPerPhotoWhole) {
  if (GetParam().kind == FaultKind::kWrite || GetParam().kind == FaultKind::kRename)
    try_all(RunFolder("open", kPhotos));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults,
                         testing::Values(Trial{FaultKind::kOpen, FaultShape::kOnce, "Open"},
                                         Trial{FaultKind::kOpen, FaultShape::kLasting, "EveryOpen"},
                                         Trial{FaultKind::kOpen, FaultShape::kKill, "KilledInOpen"},
                                         Trial{FaultKind::kWrite, FaultShape::kOnce, "Write"},
                                         Trial{FaultKind::kWrite, FaultShape::kLasting, "EveryWrite"},
                                         Trial{FaultKind::kWrite, FaultShape::kShort, "ShortWrite"},
                                         Trial{FaultKind::kWrite, FaultShape::kKill, "KilledInWrite"},
                                         Trial{FaultKind::kSync, FaultShape::kOnce, "Sync"},
                                         Trial{FaultKind::kSync, FaultShape::kLasting, "EverySync"},
                                         Trial{FaultKind::kRename, FaultShape::kOnce, "Rename"},
                                         Trial{FaultKind::kRename, FaultShape::kLasting, "EveryRename"},
                                         Trial{FaultKind::kRename, FaultShape::kKill, "KilledInRename"},
                                         Trial{FaultKind::kAllocate, FaultShape::kOnce, "Allocation"},
                                         Trial{FaultKind::kAllocate, FaultShape::kLasting, "EveryAllocation"},
                                         Trial{FaultKind::kForward, FaultShape::kOnce, "Forward"},
                                         Trial{FaultKind::kForward, FaultShape::kLasting, "EveryForward"}),
                         [](const auto& trial) { return std::string(trial.param.name); });

}  // namespace
}  // namespace pose::test
