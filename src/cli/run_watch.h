#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "cli/progress.h"

namespace pose {

/// From now on SIGUSR1 asks for a line of state instead of ending the program.
void answer_state_signals();
/// From now on the first SIGINT or SIGTERM sets what this returns, and a second one ends the program at once.
const std::atomic<bool>& catch_stop_signals();

/// Looks at signals and the clock while photos are worked on.
class RunWatch {
 public:
  /// `leave` ends the program when a stop takes too long, whatever a network or a disk is busy with.
  RunWatch(Progress& progress, std::function<void()> leave);
  ~RunWatch();

 private:
  void watch();
  bool wait(double seconds);

  Progress& progress_;
  const std::function<void()> leave_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace pose
