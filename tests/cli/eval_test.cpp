// `pose eval`: what it prints and how it ends.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

struct Outcome {
  int exit_code = -1;
  std::string said, complained;
};

/// `pose eval` on the set with pycocotools' numbers.
class EvalCommand : public ::testing::Test {
 protected:
  EvalCommand() {
    const json& golden = test::golden("coco_eval.json");
    test::write_text(folder_ / "gt.json", golden["gt"].dump());
    test::write_text(folder_ / "dt.json", golden["dt"].dump());
  }

  Outcome run(const std::string& arguments) const {
    const std::string command =
        "cd " + folder_.path() + " && " POSE_PROGRAM " eval " + arguments + " > said 2> complained";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), test::read_text(folder_ / "said"), test::read_text(folder_ / "complained")};
  }

  test::TempFolder folder_;
};

TEST_F(EvalCommand, PrintsTheTenNumbers) {
  const Outcome table = run("--gt gt.json dt.json");
  EXPECT_EQ(table.exit_code, 0) << table.complained;
  const json expected = test::golden("coco_eval.json")["expected"];
  char row[32];
  std::snprintf(row, sizeof row, "AP50  %7.3f  ", expected["AP50"].get<double>());
  EXPECT_NE(table.said.find(row), std::string::npos) << table.said;
  const json document = json::parse(run("--gt gt.json dt.json --json").said);
  for (const auto& [name, number] : expected.items())
    EXPECT_NEAR(document["metrics"][name].get<double>(), number.get<double>(), 1e-9) << name;
  EXPECT_EQ(document["photos"], 24);
}

TEST_F(EvalCommand, TellsTheErrorsOfJointsAndDraws) {
  const Outcome table = run("--gt gt.json dt.json --pck 0.2 --plot curve.svg --min PCK=0.1");
  EXPECT_EQ(table.exit_code, 0) << table.complained;
  EXPECT_NE(table.said.find("left_wrist"), std::string::npos) << table.said;
  EXPECT_NE(table.said.find("PCK  "), std::string::npos) << table.said;
  EXPECT_EQ(test::read_text(folder_ / "curve.svg").substr(0, 5), "<svg ");
  const json document = json::parse(run("--gt gt.json dt.json --pck 0.2 --json").said);
  ASSERT_EQ(document["joints"].size(), 17u);
  for (const json& joint : document["joints"]) {
    std::size_t all = 0;
    for (const char* kind : {"good", "jitter", "inverted", "swapped", "missed"})
      all += joint[kind].get<std::size_t>();
    EXPECT_EQ(all, joint["labelled"].get<std::size_t>());
    EXPECT_GE(joint["pck"].get<double>(), 0);
  }
  EXPECT_GT(document["metrics"]["PCK"].get<double>(), 0);
  EXPECT_EQ(run("--gt gt.json dt.json --pck -1").exit_code, 2);
}

TEST_F(EvalCommand, ChecksWithMin) {
  EXPECT_EQ(run("--gt gt.json dt.json --min AP=0.2 --min AR50=0.5").exit_code, 0);
  const Outcome low = run("--gt gt.json dt.json --min AP=0.2 --min AR50=0.99 --min AP=0.9");
  EXPECT_EQ(low.exit_code, 1);
  EXPECT_NE(low.said.find("AP75"), std::string::npos) << "the table is there all the same";
  EXPECT_NE(low.complained.find("AR50 is 0."), std::string::npos) << low.complained;
  EXPECT_NE(low.complained.find("which is below 0.99"), std::string::npos) << low.complained;
  EXPECT_NE(low.complained.find("which is below 0.9\n"), std::string::npos) << low.complained;
}

TEST_F(EvalCommand, RefusesWhatCannotBeInOneLine) {
  test::write_text(folder_ / "cut.json", "[{\"image_id\": 3, \"keypoints\": [1, 2");
  test::write_text(folder_ / "nan.json", "[{\"image_id\": 3, \"score\": NaN}]");
  for (const char* arguments :
       {"dt.json", "--gt gt.json", "--gt gt.json dt.json --min AP", "--gt gt.json dt.json --min AP=2",
        "--gt gt.json dt.json --min APP=0.5", "--gt gt.json dt.json --min AP=0.5x", "--gt dt.json dt.json",
        "--gt gt.json cut.json", "--gt gt.json nan.json", "--gt gt.json none.json", "--gt cut.json dt.json",
        "--gt gt.json ."}) {
    const Outcome refused = run(arguments);
    EXPECT_EQ(refused.exit_code, 2) << arguments << refused.complained;
    EXPECT_TRUE(refused.said.empty()) << arguments;
    EXPECT_EQ(refused.complained.substr(0, 6), "pose: ") << refused.complained;
  }
}

}  // namespace
}  // namespace pose
