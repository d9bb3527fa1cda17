#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "pose/results.h"

namespace pose {

int finish_command(const CommandLine& line) {
  const JournalCount count = finish_run(line.file);
  std::printf("%zu images, %zu people, %zu failed; results in %s\n", count.photos, count.people, count.failed,
              line.file.c_str());
  return count.failed == 0 ? kExitOk : kExitSomeFailed;
}

}  // namespace pose
