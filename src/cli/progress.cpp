#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number_text.h"
#include "cli/terminal.h"

namespace pose {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{10}, kJsonInterval{1};
constexpr std::size_t kBarWidth = 28;

double per_second(std::size_t now, std::size_t before, const RunState& state) {
  return static_cast<double>(now - before) / std::max(state.seconds, 1e-9);
}
double images_rate(const RunState& state) { return per_second(state.done, state.done_before, state); }
double people_rate(const RunState& state) { return per_second(state.people, state.people_before, state); }

double seconds_left(const RunState& state) {
  return static_cast<double>(state.total - state.done) / images_rate(state);
}

bool is_measured(const RunState& state) { return state.done > state.done_before; }

/// Milliseconds, as of other seconds.
std::string rounded(double value) { return number_text(std::round(value * 1000) / 1000); }

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

std::string state_text(const RunState& state) {
  const double images = images_rate(state);
  char rates[96];
  std::snprintf(rates, sizeof rates, ", %.*f images/s, %.1f people/s", images < 0.95 ? 2 : 1, images,
                people_rate(state));
  std::string text = std::to_string(state.done) + " of " + counted(state.total, "image", "images") + rates;
  if (state.failed > 0) text += ", " + std::to_string(state.failed) + " failed";
  return is_measured(state) ? text + ", " + clock_text(seconds_left(state)) + " left" : text;
}

std::string state_json(const RunState& state) {
  return "{\"done\": " + std::to_string(state.done) + ", \"total\": " + std::to_string(state.total) +
         ", \"people\": " + std::to_string(state.people) + ", \"failed\": " + std::to_string(state.failed) +
         ", \"seconds\": " + rounded(state.seconds) +
         ", \"images_per_second\": " + rounded(images_rate(state)) +
         ", \"people_per_second\": " + rounded(people_rate(state)) +
         ", \"seconds_left\": " + (is_measured(state) ? rounded(seconds_left(state)) : "null") + "}";
}

void Progress::begin(std::size_t total, const JournalCount& before) {
  const std::lock_guard<std::mutex> lock(mutex_);
  state_ = {total, before.photos, before.people, before.failed, before.photos, before.people, 0};
  start_ = last_ = Clock::now();
}

void Progress::update(const PhotoRecord& photo) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++state_.done;
  state_.people += photo.people.size();
  state_.failed += !photo.ok();
  const bool edge = state_.done == state_.done_before + 1 || state_.done == state_.total;
  if (form_ == ProgressForm::kBar && (edge || is_due(kBarInterval))) draw_bar();
  if (form_ == ProgressForm::kLines && is_due(kLineInterval)) say(state_text(now()));
}

void Progress::tick() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (form_ == ProgressForm::kJson && is_due(kJsonInterval))
    std::fprintf(stderr, "%s\n", state_json(now()).c_str());
}

void Progress::print_state() {
  const std::lock_guard<std::mutex> lock(mutex_);
  erase_bar();
  say(state_text(now()));
}

void Progress::end() {
  const std::lock_guard<std::mutex> lock(mutex_);
  erase_bar();
  if (form_ == ProgressForm::kJson) std::fprintf(stderr, "%s\n", state_json(now()).c_str());
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

RunState Progress::now() const {
  RunState state = state_;
  state.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  return state;
}

bool Progress::is_due(Clock::duration interval) {
  const Clock::time_point now = Clock::now();
  if (now - last_ < interval) return false;
  last_ = now;
  return true;
}

void Progress::draw_bar() {
  const RunState state = now();
  const auto filled = state.done * kBarWidth / std::max<std::size_t>(state.total, 1);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  std::fprintf(stderr, "\r\033[K[%s] %s", bar.c_str(), state_text(state).c_str());
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
