#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "faults/faults.h"

namespace pose::test {

/// How a call of the program ended.
struct Ended {
  int exit_code = -1;  ///< -1: by a signal
  int signal = 0;
  std::string said;  ///< standard output and error together
};

/// The program in a process of its own, with fake networks. Everything of `src/cli` runs as it is; only
/// `choose_models` and `load_models` are those of this program.
class Program {
 public:
  /// Starts `pose ARGUMENTS`, with `fault` from its first instruction on, one of memory from `load_models`
  /// on.
  Program(const std::vector<std::string>& arguments, const std::optional<Fault>& fault, std::string log);
  void kill() const;
  void send(int signal) const;
  Ended wait() const;

 private:
  const std::string log_;
  pid_t process_ = -1;
};

}  // namespace pose::test
