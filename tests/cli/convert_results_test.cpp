// `pose convert-results` on files: what it writes, and what it tells of what is left out.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "support/files.h"

namespace pose {
namespace {

struct Outcome {
  int exit_code = -1;
  std::string out;
};

Outcome convert(const std::string& arguments) {
  Outcome outcome;
  const std::string command = std::string(POSE_PROGRAM) + " convert-results " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.out.append(buffer.data(), n);
  outcome.exit_code = WEXITSTATUS(pclose(pipe));
  return outcome;
}

TEST(ConvertResultsCommand, GoldenResultsGoThroughEveryFormAndBack) {
  const test::TempFolder folder;
  const std::string golden = test::data_path("golden/alphapose_json/coco/alphapose-results.json");
  for (const char* form : {"csv", "jsonl", "alphapose-master"}) {
    const std::string there = folder / form, back = folder / (std::string(form) + ".json");
    EXPECT_EQ(convert(golden + " " + there + " --to " + form).exit_code, 0);
    EXPECT_EQ(convert(there + " " + back + " --to coco").exit_code, 0);
    EXPECT_EQ(test::read_text(back), test::read_text(golden)) << form;
  }
}

TEST(ConvertResultsCommand, TellsWhatIsLeftOutUnlessItShallBeQuiet) {
  const test::TempFolder folder;
  const std::string golden = test::data_path("golden/alphapose_json/coco/alphapose-results.json");
  const std::string call = golden + " " + (folder / "out") + " --to openpose";
  const Outcome told = convert(call);
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_NE(told.out.find("left out, for openpose does not hold them: scores of people"), std::string::npos)
      << told.out;
  EXPECT_NE(told.out.find(" people\n"), std::string::npos) << told.out;
  EXPECT_EQ(convert(call + " -q").out, "");
  EXPECT_EQ(convert(golden + " " + (folder / "out") + " --to xml").exit_code, 2);
  EXPECT_EQ(convert(golden + " " + (folder / "x") + " --to csv --skeleton coco18").exit_code, 2);
  EXPECT_EQ(convert((folder / "missing") + " " + (folder / "x") + " --to csv").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder / "x"));
}

}  // namespace
}  // namespace pose
