#include <charconv>
#include <cstdlib>
#include <optional>

#include "pose/error.h"
#include "pose/options.h"

namespace pose {
namespace {

/// Variables in which a system tells a process its part of a job; null where it has none.
struct ArrayJob {
  const char *index, *first, *last, *step, *count;
};

constexpr ArrayJob kArrayJobs[]{
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP",
     "SLURM_ARRAY_TASK_COUNT"},
    {"AWS_BATCH_JOB_ARRAY_INDEX", nullptr, nullptr, nullptr, "AWS_BATCH_JOB_ARRAY_SIZE"},
    {"JOB_COMPLETION_INDEX", nullptr, nullptr, nullptr, "POSE_SHARD_COUNT"},
};

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Nothing if the variable is not set.
std::optional<int> variable(const char* name) {
  const char* text = name ? std::getenv(name) : nullptr;
  if (!text) return std::nullopt;
  const std::optional<int> number = whole_number(text);
  if (!number || *number < 0)
    throw Error::usage(std::string("--shard auto: ") + name + " is '" + text +
                       "', not a number; give --shard I/N instead");
  return number;
}

Shard shard_of(const ArrayJob& job, int index) {
  const int first = variable(job.first).value_or(0), step = variable(job.step).value_or(1);
  const std::optional<int> last = variable(job.last);
  std::optional<int> count = variable(job.count);
  if (!count && last && step > 0) count = (*last - first) / step + 1;
  if (!count)
    throw Error::usage(std::string("--shard auto: ") + job.index +
                       " is set, but not how many there are: set " + job.count + ", or give --shard I/N");
  const bool plain =
      step > 0 && (index - first) % step == 0 && (!last || (*last - first) / step + 1 == *count);
  const Shard shard{plain ? (index - first) / step + 1 : 0, *count};
  if (shard.number < 1 || shard.number > shard.count)
    throw Error::usage(std::string("--shard auto: ") + job.index + " is " + std::to_string(index) +
                       ", which is no part of a range of " + std::to_string(shard.count) +
                       "; give --shard I/N instead");
  return shard;
}

Shard shard_of_job() {
  for (const ArrayJob& job : kArrayJobs)
    if (const std::optional<int> index = variable(job.index)) return shard_of(job, *index);
  std::string names;
  for (const ArrayJob& job : kArrayJobs) names += (names.empty() ? "" : ", ") + std::string(job.index);
  throw Error::usage("--shard auto: this is no array job (none of " + names + " is set); give --shard I/N");
}

}  // namespace

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  if (text == "auto") return shard_of_job();
  const std::size_t slash = text.find('/');
  const std::string_view view = text;
  const std::optional<int> number = whole_number(view.substr(0, slash));
  const std::optional<int> count =
      slash == std::string::npos ? std::nullopt : whole_number(view.substr(slash + 1));
  if (!number || !count || *number < 1 || *number > *count)
    throw Error::usage("--shard must be auto or I/N with I from 1 to N, as 2/5, not '" + text + "'");
  return {*number, *count};
}

std::string to_string(const Shard& shard) {
  return shard.count == 1 ? "" : std::to_string(shard.number) + "/" + std::to_string(shard.count);
}

}  // namespace pose
