// The program killed at moments that nobody chose.

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "faults/run_folder.h"

namespace pose::test {
namespace {

using Clock = std::chrono::steady_clock;

TEST(Kill, AtTwentyRandomMomentsCostsOnlyWhatWasNotFinished) {
  constexpr int kKills = 20, kPhotos = 60;
  const RunFolder folder("coco", kPhotos);
  folder.restore();
  const Clock::time_point start = Clock::now();
  folder.start({}).wait();
  const Clock::duration whole = Clock::now() - start;
  std::mt19937 random(20);
  int killed = 0;
  for (int tries = 0; killed < kKills; ++tries) {
    ASSERT_LT(tries, 10 * kKills) << "the run is over before it can be killed";
    folder.restore();
    const Program program = folder.start({});
    std::this_thread::sleep_for(std::uniform_real_distribution<>(0, 1)(random) * whole);
    program.kill();
    const Ended ended = program.wait();
    if (ended.signal == 0) continue;
    ++killed;
    SCOPED_TRACE("kill " + std::to_string(killed));
    folder.expect_sound(ended, {FaultKind::kOpen, FaultShape::kKill, 0});
  }
}

}  // namespace
}  // namespace pose::test
