#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace pose {

/// What went wrong, as far as a caller can act on it. The kind decides the exit code of the program.
enum class ErrorKind {
  kUsage,        ///< a bad option, value or name: the caller must change the call
  kNotFound,     ///< a file, folder or named thing does not exist
  kIo,           ///< the operating system refused: permissions, full disk, read errors
  kFormat,       ///< the bytes of a file are not what they claim to be
  kMismatch,     ///< well-formed things that do not fit together: weights and network, shapes
  kUnsupported,  ///< well-formed, but not something this program can do
  kMemory,       ///< memory ran out: smaller batches or pictures may help
  kInternal,     ///< a bug of ours
};

/// The one exception type of the library. `what()` is a plain sentence that says what is wrong, where and,
/// if there is something to do about it, what to do next.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

  /// The same error with one more line of where it happened: "CONTEXT: MESSAGE".
  Error with_context(const std::string& context) const { return Error(kind_, context + ": " + what()); }

  static Error usage(const std::string& m) { return Error(ErrorKind::kUsage, m); }
  static Error not_found(const std::string& m) { return Error(ErrorKind::kNotFound, m); }
  static Error io(const std::string& m) { return Error(ErrorKind::kIo, m); }
  /// An I/O error of the operating system: "MESSAGE: strerror(errno_value)".
  static Error io(const std::string& m, int errno_value);
  static Error format(const std::string& m) { return Error(ErrorKind::kFormat, m); }
  static Error mismatch(const std::string& m) { return Error(ErrorKind::kMismatch, m); }
  static Error unsupported(const std::string& m) { return Error(ErrorKind::kUnsupported, m); }
  static Error memory(const std::string& m) { return Error(ErrorKind::kMemory, m); }
  static Error internal(const std::string& m) { return Error(ErrorKind::kInternal, m); }

 private:
  ErrorKind kind_;
};

/// Lower-case name of a kind, as `run.json` writes it: "usage", "not_found", "io", ...
std::string_view to_string(ErrorKind kind);

/// The kind of that name. Throws `kFormat` for any other text.
ErrorKind error_kind(std::string_view name);

/// The exception that is being handled, as an `Error`: itself, `kMemory` where memory ran out, `kInternal`
/// for any other. Call it in a `catch (...)`.
Error current_error();

/// For conditions that only a bug of ours can break (never for input): throws `ErrorKind::kInternal`.
#define POSE_CHECK(condition)                                             \
  do {                                                                    \
    if (!(condition)) ::pose::fail_check(#condition, __FILE__, __LINE__); \
  } while (false)

[[noreturn]] void fail_check(const char* condition, const char* file, int line);

}  // namespace pose
