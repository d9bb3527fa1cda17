#include "engine/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <numeric>

namespace pose::cpu {
namespace {

TEST(ThreadPool, EveryPieceIsDoneOnceAndBeforeRunReturns) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int round = 0; round < 2000; ++round) {
      std::vector<int> done(static_cast<std::size_t>(round % 17));
      pool.run(round % 17, [&](std::int64_t piece, int thread) {
        ASSERT_LT(thread, threads);
        ++done[static_cast<std::size_t>(piece)];
      });
      for (const int count : done) ASSERT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, SleepersWakeUp) {
  ThreadPool pool(3);
  std::atomic<int> sum{0};
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    pool.run(100, [&](std::int64_t piece, int) { sum += static_cast<int>(piece); });
  }
  EXPECT_EQ(sum, 3 * 4950);
}

TEST(ThreadPool, NetworksShareOne) {
  const auto pool = ThreadPool::shared(2);
  EXPECT_EQ(ThreadPool::shared(2), pool);
  EXPECT_NE(ThreadPool::shared(3), pool);
}

}  // namespace
}  // namespace pose::cpu
