#include "pose/log.h"

#include <mutex>

namespace pose {
namespace {

std::mutex g_mutex;

LogSink& sink() {
  static LogSink instance;
  return instance;
}

}  // namespace

void set_log_sink(LogSink new_sink) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  sink() = std::move(new_sink);
}

void log(LogLevel level, std::string_view message) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  if (sink()) sink()(level, message);
}

}  // namespace pose
