#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pose::cpu {

/// Threads that share the pieces of one layer after the other. The caller works too; whoever is free takes
/// the next piece, so that a thread that has lost its core holds up one piece and not the layer. Nobody spins
/// for longer than some tens of microseconds.
class ThreadPool {
 public:
  /// `threads` in all, the caller among them; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls `work(piece, thread)` for every piece from 0 to `pieces` - 1, in any order, with threads numbered
  /// from 0; returns when all are done. `work` must not throw. One caller at a time.
  void run(std::int64_t pieces, const std::function<void(std::int64_t piece, int thread)>& work);

  /// The pool of that many threads that all networks share.
  static std::shared_ptr<ThreadPool> shared(int threads);

 private:
  void work_as(int thread);
  bool take_piece(int thread);
  bool anything_left() const { return left_of(state_) > 0; }
  static std::uint32_t left_of(std::uint64_t state) { return static_cast<std::uint32_t>(state); }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  /// The number of this call of `run` above, the pieces that nobody has taken yet below. Whoever has taken a
  /// piece keeps `run` from returning, so that `work_` and `pieces_` are those of that piece. Nobody waits
  /// for a thread that took none.
  std::atomic<std::uint64_t> state_{0};
  std::atomic<std::uint32_t> finished_{0};
  std::uint32_t pieces_ = 0;
  const std::function<void(std::int64_t, int)>* work_ = nullptr;
  int sleepers_ = 0;  ///< guarded by `mutex_`, as the next
  bool stop_ = false;
};

}  // namespace pose::cpu
