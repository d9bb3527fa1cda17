// `pose compare` on files: what it tells, and by which exit code.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

struct Outcome {
  int exit_code = -1;
  std::string out;
};

Outcome compare(const std::string& arguments) {
  Outcome outcome;
  std::FILE* pipe = popen((std::string(POSE_PROGRAM) + " compare " + arguments + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.out.append(buffer.data(), n);
  outcome.exit_code = WEXITSTATUS(pclose(pipe));
  return outcome;
}

std::string people(const char* x) {
  return std::string(R"([{"image_id": "a.jpg", "category_id": 1, "score": 1, "keypoints": [)") + x +
         ", 10, 1, 50, 90, 1]}]";
}

class CompareCommand : public testing::Test {
 protected:
  CompareCommand() {
    test::write_text(a_, people("10"));
    test::write_text(b_, people("11"));
  }

  const test::TempFolder folder_;
  const std::string a_ = folder_ / "a.json", b_ = folder_ / "b.json", both_ = a_ + " " + b_;
};

TEST_F(CompareCommand, SaysWhatDiffersAndByHowMuch) {
  const Outcome different = compare(both_);
  EXPECT_EQ(different.exit_code, 1);
  EXPECT_EQ(different.out,
            "a.jpg, person 1, joint_0: moved by 1 px (tolerance 0.1)\n"
            "1 photo, 1 person, 2 joints compared: 1 difference, joints at most 1 px apart\n");
  EXPECT_EQ(compare(both_ + " --most 0").out.substr(0, 14), "... and 1 more");
  EXPECT_EQ(compare(both_ + " -q").out, "");
  EXPECT_EQ(compare(both_ + " --tolerance_px 1").exit_code, 0);
  EXPECT_EQ(compare(a_ + " " + a_).exit_code, 0);
  const Outcome json = compare(both_ + " --json");
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(json.out)["differences"].size(), 1u);
}

TEST_F(CompareCommand, WhatCannotBeComparedIsNoDifference) {
  test::write_text(folder_ / "cut.json", "[");
  for (const std::string& other : {folder_ / "cut.json", folder_ / "missing.json"}) {
    EXPECT_EQ(compare(a_ + " " + other).exit_code, 2);
    EXPECT_EQ(compare(other + " " + a_).exit_code, 2);
  }
  EXPECT_EQ(compare(both_ + " --tolerance_px -1").exit_code, 2);
  EXPECT_EQ(compare(a_).exit_code, 2);
}

TEST_F(CompareCommand, UpdateAcceptsTheNewResults) {
  test::write_text(folder_ / "cut.json", "[");
  EXPECT_EQ(compare(a_ + " " + (folder_ / "cut.json") + " --update").exit_code, 2);
  EXPECT_EQ(test::read_text(a_), people("10"));
  const Outcome update = compare(both_ + " --update");
  EXPECT_EQ(update.exit_code, 0);
  EXPECT_NE(update.out.find("moved by 1 px"), std::string::npos);
  EXPECT_EQ(test::read_text(a_), people("11"));
  EXPECT_EQ(compare(both_).exit_code, 0);
  EXPECT_EQ(compare((folder_ / "first.json") + " " + b_ + " --update").exit_code, 0);
  EXPECT_EQ(test::read_text(folder_ / "first.json"), people("11"));
}

}  // namespace
}  // namespace pose
