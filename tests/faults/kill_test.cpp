// The program killed at moments that nobody chose.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
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

/// Kills a run again and again, and each time goes on with it.
void kill_until_done(const std::string& form) {
  constexpr int kRounds = 6, kPhotos = 40, kPartsAtLeast = 4;
  const RunFolder folder(form, kPhotos);
  folder.clear();
  const Clock::time_point start = Clock::now();
  EXPECT_EQ(folder.start({}).wait().exit_code, 0);
  const Clock::duration part = (Clock::now() - start) / kPartsAtLeast;
  std::mt19937 random(21);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    folder.clear();
    int kills = 0;
    for (bool over = false; !over;) {
      ASSERT_LT(kills, 100) << "nothing is gone on with";
      const Program program = folder.start({}, true);
      if (kills < kPartsAtLeast || kills % 2 == 0) {
        std::this_thread::sleep_for(std::uniform_real_distribution<>(0, 2)(random) * part);
        program.kill();
      }
      const Ended ended = program.wait();
      over = ended.signal == 0;
      if (over) {
        EXPECT_EQ(ended.exit_code, 0) << ended.said;
      }
      kills += ended.signal != 0;
    }
    folder.expect_whole();
  }
}

TEST(Resume, AfterKillsAtRandomMomentsTheFilesAreThoseOfAnUndisturbedRun) { kill_until_done("coco"); }

TEST(Resume, AlsoThoseOfAnotherFormWithAFilePerPhoto) { kill_until_done("open"); }

TEST(Resume, AFullDiskIsToldAndWhatWasFinishedIsKept) {
  const RunFolder folder("coco", 12);
  folder.clear();
  folder.start({}).wait();
  folder.expect_whole();
  bool stopped = false;
  for (int place = 1; place < 200; place += 7) {
    SCOPED_TRACE(place);
    folder.clear();
    prepare_faults();
    const Ended full = folder.start(Fault{FaultKind::kWrite, FaultShape::kLasting, place}).wait();
    if (full.exit_code == 1) {
      EXPECT_NE(full.said.find("No space left on device"), std::string::npos) << full.said;
      stopped |= full.said.find("--resume goes on") != std::string::npos;
    }
    const Ended again = folder.start({}, true).wait();
    EXPECT_EQ(again.exit_code, 0) << again.said;
    folder.expect_whole();
  }
  EXPECT_TRUE(stopped) << "with photos done";
}

TEST(Signals, AskForALineOfState) {
  const RunFolder folder("coco", 60);
  folder.clear();
  const Clock::time_point start = Clock::now();
  folder.start({}).wait();
  const Clock::duration whole = Clock::now() - start;
  for (int tries = 0; tries < 50; ++tries) {
    folder.clear();
    const Program program = folder.start({});
    std::this_thread::sleep_for(whole / 3);
    program.send(SIGUSR1);
    const Ended ended = program.wait();
    if (ended.signal == SIGUSR1) continue;  // it had hardly begun
    EXPECT_EQ(ended.exit_code, 0) << ended.said;
    if (ended.said.find(" of 60 images, ") != std::string::npos) return;
  }
  FAIL() << "no answer";
}

}  // namespace
}  // namespace pose::test
