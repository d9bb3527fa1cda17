#include "engine/cpu/thread_pool.h"

#include <algorithm>
#include <map>

namespace pose::cpu {
namespace {

/// Looks at a value again and again, some tens of microseconds long: layers follow each other closely.
template <typename Ready>
bool soon(Ready ready) {
  constexpr int kLooks = 2000;
  for (int i = 0; i < kLooks; ++i) {
    if (ready()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  return false;
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work_as(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& work) {
  if (workers_.empty() || pieces <= 1) {
    for (std::int64_t i = 0; i < pieces; ++i) work(i, 0);
    return;
  }
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    pieces_ = static_cast<std::uint32_t>(pieces);
    finished_ = 0;
    state_ = ((state_ >> 32) + 1) << 32 | pieces_;
    wake = sleepers_ > 0;
  }
  if (wake) wake_.notify_all();
  while (take_piece(0)) continue;
  const auto finished = [&] { return finished_ == pieces_; };
  if (soon(finished)) return;
  std::unique_lock lock(mutex_);
  done_.wait(lock, finished);
}

bool ThreadPool::take_piece(int thread) {
  std::uint64_t state = state_;
  do {
    if (left_of(state) == 0) return false;
  } while (!state_.compare_exchange_weak(state, state - 1));
  const std::uint32_t pieces = pieces_;
  (*work_)(pieces - left_of(state), thread);
  // From the last one on, `run` may return and begin anew: nothing of this call is looked at any more.
  if (++finished_ == pieces) {
    const std::lock_guard lock(mutex_);
    done_.notify_one();
  }
  return true;
}

void ThreadPool::work_as(int thread) {
  for (;;) {
    while (take_piece(thread)) continue;
    if (soon([&] { return anything_left(); })) continue;
    std::unique_lock lock(mutex_);
    ++sleepers_;
    wake_.wait(lock, [&] { return stop_ || anything_left(); });
    --sleepers_;
    if (stop_) return;
  }
}

std::shared_ptr<ThreadPool> ThreadPool::shared(int threads) {
  static std::mutex mutex;
  static std::map<int, std::weak_ptr<ThreadPool>> pools;
  const std::lock_guard lock(mutex);
  std::shared_ptr<ThreadPool> pool = pools[threads].lock();
  if (!pool) pools[threads] = pool = std::make_shared<ThreadPool>(threads);
  return pool;
}

}  // namespace pose::cpu
