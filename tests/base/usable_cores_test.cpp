#include "base/usable_cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

/// A made-up root folder with what the kernel tells about control groups.
class QuotaCores : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ / path).parent_path());
    test::write_text(root_ / path, text);
  }
  /// Of this process.
  void groups(const std::string& text) { write("proc/self/cgroup", text); }
  /// Version 2.
  void max(const std::string& group, const std::string& text) {
    write("sys/fs/cgroup" + group + "/cpu.max", text);
  }
  void version1(const std::string& folder, const std::string& quota, const std::string& period) {
    write("sys/fs/cgroup" + folder + "/cpu.cfs_quota_us", quota);
    write("sys/fs/cgroup" + folder + "/cpu.cfs_period_us", period);
  }
  int cores() { return quota_cores(root_.path()); }

  test::TempFolder root_;
};

TEST_F(QuotaCores, NothingThereIsNoLimit) {
  EXPECT_EQ(cores(), INT_MAX);
  groups("0::/user.slice\n3:cpu,cpuacct:/a\n");
  EXPECT_EQ(cores(), INT_MAX);
}

TEST_F(QuotaCores, Version2RoundsUp) {
  groups("0::/\n");
  const std::pair<const char*, int> cases[]{
      {"200000 100000\n", 2}, {"200001 100000\n", 3},    {"199999 100000\n", 2},  {"1000 100000\n", 1},
      {"50000 50000", 1},     {"max 100000\n", INT_MAX}, {"-1 100000\n", INT_MAX}};
  for (const auto& [text, expected] : cases) {
    max("", text);
    EXPECT_EQ(cores(), expected) << text;
  }
}

TEST_F(QuotaCores, TheLeastOfAllGroupsAboveCounts) {
  groups("0::/a/b/c\n");
  max("/a/b/c", "600000 100000\n");
  EXPECT_EQ(cores(), 6);
  max("/a/b", "max 100000\n");
  max("/a", "250000 100000\n");
  EXPECT_EQ(cores(), 3) << "a/b has no limit, a has one";
  max("", "100000 100000\n");
  EXPECT_EQ(cores(), 1);
  max("/a/other", "1 100000\n");
  max("/a/b/c/d", "1 100000\n");
  max("", "max 100000\n");
  EXPECT_EQ(cores(), 3) << "groups beside and below are others'";
}

TEST_F(QuotaCores, Version1IsFoundUnderItsMounts) {
  for (const char* mount : {"/cpu", "/cpu,cpuacct"}) {
    for (const char* line : {"4:cpu,cpuacct:/docker/x\n", "4:cpuacct,cpu:/docker/x\n", "4:cpu:/docker/x\n"}) {
      groups("12:memory:/m\n" + std::string(line) + "1:name=systemd:/s\n");
      version1(std::string(mount) + "/docker/x", "150000\n", "100000\n");
      EXPECT_EQ(cores(), 2) << mount << " " << line;
      version1(std::string(mount) + "/docker/x", "-1\n", "100000\n");
      EXPECT_EQ(cores(), INT_MAX) << mount << " " << line;
    }
  }
  version1("/cpu", "300000\n", "100000\n");
  EXPECT_EQ(cores(), 3) << "inside a container the group's own folder is the mount";
}

TEST_F(QuotaCores, OtherControllersDoNotCount) {
  version1("/cpu", "100000\n", "100000\n");
  groups("4:cpuset:/\n5:cpuacct:/\n6:memory,cpus:/\n7:name=cpu:/\n");
  EXPECT_EQ(cores(), INT_MAX);
  groups("4:cpuset,cpu:/\n");
  EXPECT_EQ(cores(), 1);
}

TEST_F(QuotaCores, BothVersionsTogether) {
  groups("4:cpu:/\n0::/\n");
  version1("/cpu", "500000\n", "100000\n");
  max("", "400000 100000\n");
  EXPECT_EQ(cores(), 4);
  version1("/cpu", "200000\n", "100000\n");
  EXPECT_EQ(cores(), 2);
}

TEST_F(QuotaCores, GroupsOutsideTheMountAreNotFollowed) {
  fs::create_directories(root_ / "sys/fs/cgroup");
  write("sys/fs/x/cpu.max", "100000 100000\n");
  write("sys/fs/cgroupx/cpu.max", "100000 100000\n");
  for (const char* group : {"/../x", "/a/../../x", "/..", "x", ""}) {
    groups("0::" + std::string(group) + "\n");
    EXPECT_EQ(cores(), INT_MAX) << group;
    max("", "300000 100000\n");
    EXPECT_EQ(cores(), 3) << group << ": the mount itself counts";
    fs::remove(root_ / "sys/fs/cgroup/cpu.max");
  }
  groups("0::/two..dots\n");
  max("/two..dots", "200000 100000\n");
  EXPECT_EQ(cores(), 2);
}

TEST_F(QuotaCores, GarbageIsNoLimit) {
  groups("0::/\n");
  const std::string garbage[]{"",
                              "\n",
                              "100000",
                              "0 100000",
                              "100000 0",
                              "100000 -100000",
                              "1e5 100000",
                              "100000x 100000",
                              "99999999999999999999999 100000",
                              "nonsense nonsense",
                              std::string(1 << 20, '1'),
                              std::string("100000\0 100000", 14)};
  for (const std::string& text : garbage) {
    max("", text);
    EXPECT_EQ(cores(), INT_MAX) << text.substr(0, 40);
  }
  max("", "9223372036854775807 1");
  EXPECT_EQ(cores(), INT_MAX);
  max("", "100000 9223372036854775807");
  EXPECT_EQ(cores(), 1);
  for (const std::string& text : {std::string(1 << 20, ':'), std::string(1 << 20, '/'), std::string("::"),
                                  std::string("0\n:\n::\n"), "0::/" + std::string(100000, 'a')}) {
    groups(text);
    EXPECT_GE(cores(), 1) << text.substr(0, 40);
  }
  fs::remove(root_ / "proc/self/cgroup");
  fs::create_directories(root_ / "proc/self/cgroup");
  EXPECT_EQ(cores(), INT_MAX) << "a folder in place of the file";
}

TEST(UsableCores, FollowTheAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(usable_cores(), 1);
  EXPECT_LE(usable_cores(), CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(UsableCores, ATaskOfABatchSystemKeepsToWhatItWasGiven) {
  setenv("SLURM_CPUS_PER_TASK", "1", 1);
  EXPECT_EQ(job_cores(), 1);
  EXPECT_EQ(usable_cores(), 1);
  for (const char* nothing : {"", "0", "-2", "two", "2x"}) {
    setenv("SLURM_CPUS_PER_TASK", nothing, 1);
    EXPECT_EQ(job_cores(), INT_MAX) << nothing;
  }
  unsetenv("SLURM_CPUS_PER_TASK");
  EXPECT_EQ(job_cores(), INT_MAX);
}

}  // namespace
}  // namespace pose
