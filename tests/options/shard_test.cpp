#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "pose/options.h"
#include "support/errors.h"

namespace pose {
namespace {

using Variables = std::vector<std::pair<const char*, const char*>>;

/// The environment of an array job while a test needs it.
class Environment {
 public:
  explicit Environment(Variables variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) setenv(name, value, 1);
  }
  ~Environment() {
    for (const auto& [name, value] : variables_) unsetenv(name);
  }

 private:
  const Variables variables_;
};

std::string automatic(Variables variables) {
  const Environment environment(std::move(variables));
  return to_string(parse_shard("auto"));
}

TEST(ParseShard, ReadsPartsAndNothingElse) {
  EXPECT_EQ(to_string(parse_shard("2/5")), "2/5");
  EXPECT_EQ(parse_shard("5/5").number, 5);
  EXPECT_EQ(parse_shard("").count, 1);
  EXPECT_EQ(to_string(parse_shard("1/1")), "") << "the whole";
  for (const char* text :
       {"0/5", "6/5", "-1/5", "2", "2/", "/5", "2/5x", " 2/5", "2/5/6", "a/b", "1/0", "Auto"})
    test::expect_error(ErrorKind::kUsage, "--shard must be auto or I/N", [&] { parse_shard(text); });
}

TEST(ParseShard, AutoReadsWhatTheArrayJobSays) {
  EXPECT_EQ(automatic({{"SLURM_ARRAY_TASK_ID", "7"},
                       {"SLURM_ARRAY_TASK_MIN", "3"},
                       {"SLURM_ARRAY_TASK_MAX", "10"},
                       {"SLURM_ARRAY_TASK_COUNT", "8"}}),
            "5/8");
  EXPECT_EQ(
      automatic({{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_MIN", "0"}, {"SLURM_ARRAY_TASK_MAX", "3"}}),
      "1/4");
  EXPECT_EQ(automatic({{"SLURM_ARRAY_TASK_ID", "5"},
                       {"SLURM_ARRAY_TASK_MIN", "1"},
                       {"SLURM_ARRAY_TASK_MAX", "7"},
                       {"SLURM_ARRAY_TASK_STEP", "2"},
                       {"SLURM_ARRAY_TASK_COUNT", "4"}}),
            "3/4");
  EXPECT_EQ(automatic({{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "3"}}), "1/3");
  EXPECT_EQ(automatic({{"JOB_COMPLETION_INDEX", "2"}, {"POSE_SHARD_COUNT", "3"}}), "3/3");
}

TEST(ParseShard, AutoRefusesWhatItCannotBeSureOf) {
  const auto refused = [](const std::string& part, const Variables& variables) {
    test::expect_error(ErrorKind::kUsage, part, [&] { automatic(variables); });
  };
  refused("this is no array job", {});
  refused("set POSE_SHARD_COUNT", {{"JOB_COMPLETION_INDEX", "2"}});
  refused("no part of a range of 3", {{"JOB_COMPLETION_INDEX", "3"}, {"POSE_SHARD_COUNT", "3"}});
  refused("not a number", {{"JOB_COMPLETION_INDEX", "two"}, {"POSE_SHARD_COUNT", "3"}});
  refused("no part of a range of 3",  // --array=1,5,9
          {{"SLURM_ARRAY_TASK_ID", "5"},
           {"SLURM_ARRAY_TASK_MIN", "1"},
           {"SLURM_ARRAY_TASK_MAX", "9"},
           {"SLURM_ARRAY_TASK_COUNT", "3"}});
}

}  // namespace
}  // namespace pose
