// `pose doctor` on this build, and on installations that lack something.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

struct Outcome {
  int exit_code = -1;
  std::string said;
};

Outcome doctor(const std::string& arguments, const std::string& environment = "") {
  const test::TempFolder folder;
  const std::string command =
      environment + " " + POSE_PROGRAM + " doctor " + arguments + " > " + (folder / "said") + " 2>&1";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), test::read_text(folder / "said")};
}

/// The row of `list` with `name` in its member `key`.
json row_of(const json& list, const char* key, const char* name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const json& row) { return row.at(key) == name; });
  return found == list.end() ? json() : *found;
}

TEST(Doctor, FindsThatThisBuildWorks) {
  const Outcome outcome = doctor("--json");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.said;
  const json found = json::parse(outcome.said);
  EXPECT_EQ(found.at("works"), true);
  EXPECT_EQ(found.at("troubles"), json::array());
  EXPECT_GE(found.at("cores"), 1);
  const json engine = row_of(found.at("engines"), "name", "cpu");
  EXPECT_EQ(engine.at("works"), true) << outcome.said;
  EXPECT_FALSE(engine.at("runs_on").get<std::string>().empty());
  EXPECT_GT(engine.at("seconds"), 0);
  for (const char* kind : {"JPEG", "PNG", "WebP", "TIFF", "GIF", "BMP"})
    EXPECT_EQ(row_of(found.at("pictures"), "kind", kind).at("read"), true) << kind;
  EXPECT_EQ(row_of(found.at("cards"), "card", "pose-small-256x192").at("present"), true);
  EXPECT_NE(doctor("").said.find("\nverdict    pose works here\n"), std::string::npos);
}

TEST(Doctor, FindsACardThatCannotBeRead) {
  const test::TempFolder folder;
  test::write_text(folder / "bad.json", "{");
  const Outcome outcome = doctor("--models_dir " + folder.path());
  EXPECT_EQ(outcome.exit_code, 1) << outcome.said;
  EXPECT_NE(outcome.said.find("\ntrouble    " + folder / "bad.json"), std::string::npos) << outcome.said;
  EXPECT_NE(outcome.said.find("\nverdict    pose does not work as it should"), std::string::npos);
}

TEST(Doctor, FindsThatEnginesAreMissing) {
  const test::TempFolder folder;
  std::filesystem::copy_file(POSE_LIBRARY, folder / "libpose.so");  // engines are looked for beside it
  const Outcome outcome =
      doctor("--json", "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" + folder / "libpose.so");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.said;
  const json found = json::parse(outcome.said);
  EXPECT_EQ(found.at("troubles"), json::array({"no engine works"}));
  const json engine = row_of(found.at("engines"), "name", "cpu");
  EXPECT_EQ(engine.at("works"), false);
  EXPECT_NE(engine.at("fault").get<std::string>().find("libpose_cpu.so"), std::string::npos);
}

}  // namespace
}  // namespace pose
