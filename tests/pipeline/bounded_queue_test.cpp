#include "pipeline/bounded_queue.h"

#include <gtest/gtest.h>

#include <future>

namespace pose {
namespace {

constexpr std::chrono::milliseconds kAWhile{30};

bool goes_on(const std::future<bool>& call) { return call.wait_for(kAWhile) == std::future_status::ready; }

TEST(BoundedQueue, HandsOutInOrder) {
  BoundedQueue<int> queue(3);
  for (const int item : {1, 2, 3}) EXPECT_TRUE(queue.push(item));
  for (const int item : {1, 2, 3}) EXPECT_EQ(queue.pop(), item);
}

TEST(BoundedQueue, APushWaitsForRoom) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.push(2);
  std::future<bool> third = std::async(std::launch::async, [&] { return queue.push(3); });
  EXPECT_FALSE(goes_on(third));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_TRUE(third.get());
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), 3);
}

TEST(BoundedQueue, APopWaitsForAnItem) {
  BoundedQueue<int> queue(1);
  std::future<bool> taken = std::async(std::launch::async, [&] { return queue.pop() == 7; });
  EXPECT_FALSE(goes_on(taken));
  queue.push(7);
  EXPECT_TRUE(taken.get());
}

TEST(BoundedQueue, ClosingEndsEveryWait) {
  BoundedQueue<int> full(1), empty(1);
  full.push(1);
  std::future<bool> push = std::async(std::launch::async, [&] { return full.push(2); });
  std::future<bool> pop = std::async(std::launch::async, [&] { return empty.pop().has_value(); });
  EXPECT_FALSE(goes_on(push));
  EXPECT_FALSE(goes_on(pop));
  full.close();
  empty.close();
  EXPECT_FALSE(push.get()) << "dropped";
  EXPECT_FALSE(pop.get());
  EXPECT_EQ(full.pop(), 1) << "what is left is handed out";
  EXPECT_EQ(full.pop(), std::nullopt);
  EXPECT_FALSE(empty.push(1));
  EXPECT_EQ(empty.pop(), std::nullopt);
}

TEST(BoundedQueue, AWaitTakesNothingAndEndsInTime) {
  BoundedQueue<int> queue(1);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(queue.wait(0.03));
  EXPECT_GE(std::chrono::steady_clock::now() - start, kAWhile);
  queue.push(1);
  EXPECT_TRUE(queue.wait(60));
  EXPECT_EQ(queue.pop(), 1);
  queue.close();
  EXPECT_TRUE(queue.wait(60));
}

}  // namespace
}  // namespace pose
