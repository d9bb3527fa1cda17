#include "pose/error.h"

#include <system_error>

namespace pose {

Error Error::io(const std::string& m, int errno_value) {
  return Error(ErrorKind::kIo, m + ": " + std::generic_category().message(errno_value));
}

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage: return "usage";
    case ErrorKind::kNotFound: return "not_found";
    case ErrorKind::kIo: return "io";
    case ErrorKind::kFormat: return "format";
    case ErrorKind::kMismatch: return "mismatch";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

void fail_check(const char* condition, const char* file, int line) {
  throw Error::internal(std::string("internal check failed: ") + condition + " (" + file + ":" +
                        std::to_string(line) + "); please report this");
}

}  // namespace pose
