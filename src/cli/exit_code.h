#pragma once

#include "pose/error.h"

namespace pose {

/// What the program tells the shell. The same table stands in the manual.
enum ExitCode {
  kExitOk = 0,            ///< all photos done (one without people is done)
  kExitFailed = 1,        ///< the run could not be made or not be written, or results differ
  kExitUsage = 2,         ///< a bad option, value or name; nothing to read
  kExitSomeFailed = 3,    ///< finished, but some photos failed
  kExitInterrupted = 130  ///< stopped by a signal; what was finished is written
};

inline int exit_code_of(const Error& error) {
  return error.kind() == ErrorKind::kUsage ? kExitUsage : kExitFailed;
}

}  // namespace pose
