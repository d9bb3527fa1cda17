#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace pose {

/// What the user sees on standard error while a run goes on: one rewritten line on a terminal, a plain line
/// now and then elsewhere. All messages go through it, so that they never mix with the bar. Safe from any
/// thread.
class Progress {
 public:
  /// `quiet`: only `message` prints. `terminal`: standard error is one.
  Progress(bool quiet, bool terminal) : quiet_(quiet), terminal_(terminal) {}
  ~Progress() { clear(); }

  void update(std::size_t done, std::size_t total);
  /// Prints one whole message above the bar, as `say` does.
  void message(std::string_view text);
  /// Removes the bar.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw_bar(const std::string& text, double fraction);
  void erase_bar();

  const bool quiet_, terminal_;
  std::mutex mutex_;
  bool bar_shown_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

/// "0.4 s", "42 s", "3:05", "1:02:03".
std::string clock_text(double seconds);

}  // namespace pose
