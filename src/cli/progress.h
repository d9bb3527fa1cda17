#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "pose/results.h"

namespace pose {

/// How far a run is.
struct RunState {
  std::size_t total = 0;                         ///< photos of the run
  std::size_t done = 0, people = 0, failed = 0;  ///< with those that were done before
  std::size_t done_before = 0, people_before = 0;
  double seconds = 0;  ///< since this call began with its photos
};

/// "120 of 1000 images, 9.6 images/s, 24.0 people/s, 2 failed, 1:32 left".
std::string state_text(const RunState& state);
/// The same as one line of JSON; `seconds_left` is null until a photo is done.
std::string state_json(const RunState& state);

enum class ProgressForm {
  kNone,
  kLines,  ///< a line now and then
  kBar,    ///< one line of a terminal, written again and again
  kJson    ///< a line of JSON every second
};

/// What the user sees on standard error while a run goes on. All messages go through it, so that they never
/// mix with the bar. Safe from any thread.
class Progress {
 public:
  explicit Progress(ProgressForm form) : form_(form) {}
  ~Progress() { clear(); }

  /// The photos begin, of `total` in all; `before` are done already.
  void begin(std::size_t total, const JournalCount& before);
  void update(const PhotoRecord& photo);
  /// Shows what is due by the clock; to be called often.
  void tick();
  /// Prints how far the run is, in any form.
  void print_state();
  /// The photos are over: shows the last of what the form shows.
  void end();
  /// Prints one whole line above the bar.
  void message(std::string_view text);
  /// Removes the bar.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  RunState now() const;
  bool is_due(Clock::duration interval);
  void draw_bar();
  void erase_bar();

  const ProgressForm form_;
  std::mutex mutex_;
  RunState state_;
  bool bar_shown_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

/// "3.5 s", "3:05", "1:02:03".
std::string clock_text(double seconds);

}  // namespace pose
