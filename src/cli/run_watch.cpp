#include "cli/run_watch.h"

#include <chrono>
#include <csignal>
#include <utility>

namespace pose {
namespace {

constexpr double kLookSeconds = 0.05;  // how often signals are looked for
constexpr double kStopSeconds = 2.2;   // a little more than the pipeline gives itself

std::atomic<bool> g_stop{false}, g_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets them");

extern "C" void on_stop(int signal) {
  g_stop = true;
  std::signal(signal, SIG_DFL);
}

extern "C" void on_question(int) { g_asked = true; }

}  // namespace

void answer_state_signals() { std::signal(SIGUSR1, on_question); }

const std::atomic<bool>& catch_stop_signals() {
  std::signal(SIGINT, on_stop);
  std::signal(SIGTERM, on_stop);
  return g_stop;
}

RunWatch::RunWatch(Progress& progress, std::function<void()> leave)
    : progress_(progress), leave_(std::move(leave)), thread_([this] { watch(); }) {}

RunWatch::~RunWatch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

/// Whether the photos are over by then.
bool RunWatch::wait(double seconds) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return over_; });
}

void RunWatch::watch() {
  while (!g_stop) {
    const bool over = wait(kLookSeconds);
    if (g_asked.exchange(false)) progress_.print_state();
    if (over) return;
    progress_.tick();
  }
  if (!wait(kStopSeconds)) leave_();
}

}  // namespace pose
