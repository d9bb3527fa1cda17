// `pose bench` and `pose inspect --plan`, with our own engine and weights that are not there.

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
  std::string said;
};

Outcome run(const std::string& arguments) {
  const test::TempFolder folder;
  const std::string command =
      std::string(POSE_PROGRAM) + " " + arguments + " > " + (folder / "said") + " 2>&1";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), test::read_text(folder / "said")};
}

TEST(Bench, GivesARowForEachCardAndBatch) {
  const Outcome bench = run("bench pose-small-256x192 yolov4-tiny --batch 2 --threads 1 --engine cpu --json");
  ASSERT_EQ(bench.exit_code, 0) << bench.said;
  const json document = json::parse(bench.said);
  EXPECT_FALSE(document.at("processor").get<std::string>().empty());
  ASSERT_EQ(document.at("rows").size(), 2u);
  const json& row = document["rows"][1];
  EXPECT_EQ(row.at("name"), "yolov4-tiny");
  EXPECT_EQ(row.at("batch"), 2);
  EXPECT_EQ(row.at("threads"), 1);
  EXPECT_EQ(row.at("precision"), "fp32");
  EXPECT_EQ(row.at("engine"), "cpu");
  EXPECT_FALSE(row.contains("steps")) << "nobody asked";
  const double ms = row.at("ms"), gmac_s = row.at("gmac_s"), share = row.at("share_of_peak");
  EXPECT_GT(ms, 0);
  EXPECT_NEAR(ms * gmac_s, 3450, 30) << "3.45 GMAC an item, as its card says";
  EXPECT_GT(share, 0);
}

TEST(Bench, TellsEveryStepOnRequest) {
  const Outcome bench = run("bench pose-small-256x192 --batch 1 --threads 1 --engine cpu -v --json");
  ASSERT_EQ(bench.exit_code, 0) << bench.said;
  const json row = json::parse(bench.said).at("rows").at(0);
  double macs = 0, ms = 0;
  for (const json& step : row.at("steps")) {
    macs += step.at("macs").get<double>();
    ms += step.at("ms").get<double>();
  }
  EXPECT_GT(ms, 0);
  EXPECT_NEAR(macs, row.at("ms").get<double>() * row.at("gmac_s").get<double>() * 1e6, 0.01 * macs);
}

TEST(Bench, TimesARunOverAFolder) {
  const std::string photos = std::string(POSE_PHOTOS);
  const Outcome bench = run("bench --indir " + photos + " --threads 1 --engine cpu --json");
  ASSERT_EQ(bench.exit_code, 0) << bench.said;
  const json document = json::parse(bench.said);
  EXPECT_EQ(document.at("photos"), 4);
  EXPECT_GT(document.at("people"), 3);
  EXPECT_GT(document.at("peak_mb"), 10);
  EXPECT_GT(document.at("stages").at("pose"), 0);
  EXPECT_NEAR(document.at("images_s").get<double>() * document.at("seconds").get<double>(), 4, 0.2);
  EXPECT_NE(run("bench --indir " + photos + " --threads 1 --engine cpu").said.find("4 photos"),
            std::string::npos);
  EXPECT_EQ(run("bench --indir /nonexistent").exit_code, 1);
}

TEST(Bench, RefusesWhatCannotBe) {
  for (const char* arguments :
       {"bench no-such-card", "bench pose-small-256x192 --batch 5000",
        "bench pose-small-256x192 --threads -1", "bench pose-small-256x192 --engine gpu"})
    EXPECT_EQ(run(arguments).exit_code, 2) << arguments;
}

TEST(InspectPlan, ShowsTheStepsOfACard) {
  const Outcome plan = run("inspect hrnet-w32-256x192 --plan --json");
  ASSERT_EQ(plan.exit_code, 0) << plan.said;
  const json steps = json::parse(plan.said).at("plan");
  std::size_t winograd = 0;
  for (const json& step : steps) winograd += step.at("algorithm") == "winograd-4x4";
  EXPECT_GT(winograd, 200u);
  EXPECT_NE(run("inspect hrnet-w32-256x192 --plan").said.find("winograd-4x4"), std::string::npos);
  EXPECT_EQ(run("inspect tinypose-256x192 --plan").exit_code, 2);
}

}  // namespace
}  // namespace pose
