#include "pose/error.h"

#include <exception>
#include <new>
#include <string>
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
    case ErrorKind::kMemory: return "memory";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

ErrorKind error_kind(std::string_view name) {
  for (const ErrorKind kind :
       {ErrorKind::kUsage, ErrorKind::kNotFound, ErrorKind::kIo, ErrorKind::kFormat, ErrorKind::kMismatch,
        ErrorKind::kUnsupported, ErrorKind::kMemory, ErrorKind::kInternal})
    if (to_string(kind) == name) return kind;
  throw Error::format("'" + std::string(name) + "' is no kind of error");
}

Error current_error() {
  try {
    throw;
  } catch (const Error& e) {
    return e;
  } catch (const std::bad_alloc&) {
    return Error::memory("not enough memory");
  } catch (const std::exception& e) {
    // OpenCV's and LibTorch's own words for it.
    const std::string_view what = e.what();
    for (const std::string_view words : {"nsufficient memory", "not enough memory", "out of memory"})
      if (what.find(words) != std::string_view::npos) return Error::memory("not enough memory");
    return Error::internal(e.what());
  } catch (...) {
    return Error::internal("an exception of an unknown type");
  }
}

void fail_check(const char* condition, const char* file, int line) {
  throw Error::internal(std::string("internal check failed: ") + condition + " (" + file + ":" +
                        std::to_string(line) + "); please report this");
}

}  // namespace pose
