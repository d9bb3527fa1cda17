#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/terminal.h"

namespace pose {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{10};
constexpr int kBarWidth = 28;

}  // namespace

std::string clock_text(double seconds) {
  const long total = std::lround(std::max(seconds, 0.0));
  char text[32];
  if (seconds < 9.95)
    std::snprintf(text, sizeof text, "%.1f s", std::max(seconds, 0.0));
  else if (total < 60)
    std::snprintf(text, sizeof text, "%ld s", total);
  else if (total >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", total / 60, total % 60);
  return text;
}

void Progress::update(std::size_t done, std::size_t total) {
  if (quiet_ || total == 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const Clock::time_point now = Clock::now();
  const bool due =
      now - last_ >= (terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval));
  if (!due && !(terminal_ && (done == 1 || done == total))) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / std::max(elapsed, 1e-9);
  char text[160];
  std::snprintf(text, sizeof text, "%zu of %s, %.*f images/s, %s left", done,
                counted(total, "image", "images").c_str(), rate < 0.95 ? 2 : 1, rate,
                clock_text(static_cast<double>(total - done) / rate).c_str());
  if (terminal_)
    draw_bar(text, static_cast<double>(done) / static_cast<double>(total));
  else
    say(text);
}

void Progress::message(std::string_view text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  erase_bar();
  say(text);
}

void Progress::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  erase_bar();
}

void Progress::draw_bar(const std::string& text, double fraction) {
  const int filled = static_cast<int>(fraction * kBarWidth);
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(kBarWidth - filled), '.');
  std::fprintf(stderr, "\r\033[K[%s] %s", bar.c_str(), text.c_str());
  std::fflush(stderr);
  bar_shown_ = true;
}

void Progress::erase_bar() {
  if (!bar_shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  bar_shown_ = false;
}

}  // namespace pose
