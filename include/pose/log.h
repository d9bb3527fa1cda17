#pragma once

#include <functional>
#include <string_view>

namespace pose {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

using LogSink = std::function<void(LogLevel, std::string_view message)>;

/// Where messages of the library go; without a sink (the default) the library is silent.
/// Set it before threads start. The sink may be called from any thread, one call at a time.
void set_log_sink(LogSink sink);

/// Hands one line (without its line end) to the sink. Safe to call from any thread.
void log(LogLevel level, std::string_view message);

inline void log_warning(std::string_view message) { log(LogLevel::kWarning, message); }
inline void log_info(std::string_view message) { log(LogLevel::kInfo, message); }
inline void log_debug(std::string_view message) { log(LogLevel::kDebug, message); }

}  // namespace pose
