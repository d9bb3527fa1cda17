#include "cli/commands.h"

#include <algorithm>
#include <iterator>

namespace pose {

std::vector<Command> commands() {
  std::vector<Command> rows{finish_command(), merge_command(), inspect_command(), convert_command()};
  std::vector<Command> models = models_commands();
  std::move(models.begin(), models.end(), std::back_inserter(rows));
  rows.push_back(eval_command());
  rows.push_back(report_command());
  rows.push_back(bench_command());
  rows.push_back(doctor_command());
  rows.push_back(compare_command());
  rows.push_back(convert_results_command());
  rows.push_back(help_command());
  rows.push_back(version_command());
  return rows;
}

}  // namespace pose
