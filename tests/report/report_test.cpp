#include "pose/report.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pose/error.h"
#include "report/run.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

constexpr const char* kHostile = "<script>console.error('x')</script>\"'&.svg";
constexpr int kWidth = 200, kHeight = 100;

/// A person whose joints stand on a line from `x`.
Person person(double x, double score) {
  Person result;
  result.score = score;
  for (int j = 0; j < 17; ++j)
    result.joints.push_back({static_cast<float>(x + 2 * j), static_cast<float>(10 + 4 * j), 0.5f});
  return result;
}

PhotoRecord photo(const test::TempFolder& folder, std::size_t index, const std::string& name,
                  std::vector<Person> people) {
  PhotoRecord record;
  record.index = index;
  record.name = name;
  record.path = folder / name;
  record.size = {kWidth, kHeight};
  record.people = std::move(people);
  return record;
}

/// Photos that a browser can show, and runs over them.
class Report : public ::testing::Test {
 protected:
  Report() {
    std::filesystem::create_directories(folder_ / "<script>console.error('x')<");
    for (const PhotoRecord& one : photos())
      test::write_text(one.path, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"100\"/>");
  }

  std::vector<PhotoRecord> photos() const {
    std::vector<PhotoRecord> all{photo(folder_, 0, "b.svg", {person(10, 1.5), person(90, 2.5)}),
                                 photo(folder_, 1, kHostile, {person(20, 3.5)}),
                                 photo(folder_, 2, "a.svg", {}), photo(folder_, 3, "broken.svg", {})};
    all[2].warning = "odd <b>colours</b>";
    all[3].error = Error::format("broken.svg: not a <i>picture</i>");
    all[3].size = {};
    return all;
  }

  std::string run(const std::string& name, const std::vector<PhotoRecord>& records,
                  const char* skeleton = "coco17") {
    RunInfo info;
    info.version = "1";
    info.skeleton = skeleton;
    info.photos = records.size();
    std::filesystem::create_directories(folder_ / name);
    Journal journal(folder_ / name, info, false);
    for (const PhotoRecord& record : records) journal.append(record);
    journal.complete();
    return folder_ / name;
  }

  /// What `report.index` is given.
  static json index_of(const std::string& outdir) {
    const std::string text = test::read_text(outdir + "/report/photos.js");
    const std::string start = "report.index(";
    return json::parse(text.substr(start.size(), text.rfind(')') - start.size()));
  }

  test::TempFolder folder_;
};

TEST_F(Report, HoldsAllPhotosAndPeople) {
  const std::string outdir = run("out", photos());
  EXPECT_EQ(write_report(outdir), outdir + "/report/index.html");
  const json index = index_of(outdir);
  ASSERT_EQ(index["photos"].size(), 4u);
  EXPECT_EQ(index["photos"][0], (json{"b.svg", "../../b.svg", 200, 100, 2, 2.5, 0, "", 0.0}));
  EXPECT_EQ(index["photos"][1][0], kHostile);
  EXPECT_EQ(index["photos"][1][1], "../../%3Cscript%3Econsole.error%28%27x%27%29%3C/script%3E%22%27%26.svg");
  EXPECT_EQ(index["photos"][2][6], 1);
  EXPECT_EQ(index["photos"][3][6], 2);
  EXPECT_EQ(index["photos"][3][7], "broken.svg: not a <i>picture</i>");
  EXPECT_TRUE(index["against"].is_null());
  EXPECT_EQ(index["skeleton"]["joints"].size(), 17u);
  const std::string people = test::read_text(outdir + "/report/a0.js");
  EXPECT_EQ(people.substr(0, 46), "report.piece(\"a\", 0, [\n[[1.5,[10.0,10.0,0.5,12") << people;
}

TEST_F(Report, SplitsPeopleIntoFilesOfAHundredPhotos) {
  std::vector<PhotoRecord> many;
  for (std::size_t i = 0; i < 201; ++i) many.push_back(photo(folder_, i, std::to_string(i) + ".jpg", {}));
  const std::string outdir = run("out", many);
  write_report(outdir);
  for (const char* name : {"a0.js", "a1.js", "a2.js"})
    EXPECT_TRUE(std::filesystem::exists(outdir + "/report/" + name)) << name;
  EXPECT_FALSE(std::filesystem::exists(outdir + "/report/a3.js"));
}

TEST_F(Report, ReplacesAReportAndNothingElse) {
  const std::string outdir = run("out", photos());
  write_report(outdir);
  test::write_text(outdir + "/report/b7.js", "of an earlier report");
  write_report(outdir);
  EXPECT_FALSE(std::filesystem::exists(outdir + "/report/b7.js"));
  std::filesystem::remove(outdir + "/report/photos.js");
  EXPECT_THROW(write_report(outdir), Error);
  EXPECT_TRUE(std::filesystem::exists(outdir + "/report/index.html"));
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(outdir)) entries += entry.is_directory();
  EXPECT_EQ(entries, 1u) << "nothing is left beside it";
}

TEST_F(Report, TakesTheLastRecordButNotAFailureForOneThatWasDone) {
  const auto record = [&](std::vector<Person> people, bool failed) {
    PhotoRecord one = photo(folder_, 0, "a.svg", std::move(people));
    if (failed) one.error = Error::io("gone");
    return one;
  };
  const std::string outdir = run("out", {record({}, true), record({person(1, 1)}, false), record({}, true)});
  const FinishedRun read = read_run(outdir);
  ASSERT_EQ(read.photos.size(), 1u);
  EXPECT_EQ(read.photos[0].people.size(), 1u);
}

TEST_F(Report, RefusesWhatIsNoRunOrDoesNotFit) {
  const std::string outdir = run("out", photos());
  EXPECT_THROW(write_report(folder_.path()), Error);
  EXPECT_THROW(write_report(outdir, folder_.path()), Error);
  EXPECT_THROW(write_report(outdir, run("other", {photo(folder_, 0, "z.svg", {})})), Error);
  EXPECT_THROW(write_report(outdir, run("mpii", photos(), "mpii16")), Error);
  EXPECT_FALSE(std::filesystem::exists(outdir + "/report"));
}

TEST_F(Report, ComparesThePhotosOfBothRuns) {
  std::vector<PhotoRecord> others = photos();
  others[0].people.pop_back();
  others.erase(others.begin() + 2);
  const std::string outdir = run("out", photos());
  write_report(outdir, run("other", others));
  const json index = index_of(outdir);
  ASSERT_EQ(index["photos"].size(), 3u);
  EXPECT_EQ(index["photos"][0][8], 1.0) << "one of two is gone";
  EXPECT_EQ(index["photos"][1][8], 0.0);
  EXPECT_EQ(index["against"], folder_ / "other");
  EXPECT_TRUE(std::filesystem::exists(outdir + "/report/b0.js"));
}

TEST(ReportDifference, CountsPeopleAndHowFarTheyMoved) {
  const Skeleton& coco = skeleton("coco17");
  const std::vector<Person> two{person(10, 1), person(90, 1)}, turned{two[1], two[0]};
  EXPECT_NEAR(difference(coco, two, turned), 0, 1e-12);
  EXPECT_EQ(difference(coco, two, {}), 2);
  EXPECT_NEAR(difference(coco, two, {two[1]}), 1, 1e-12);
  std::vector<Person> moved = two;
  moved[0].joints[0].x += 1000;  // one joint of 17 is elsewhere
  EXPECT_NEAR(difference(coco, two, moved), 1.0 / 17, 1e-6);
}

/// The report in a real browser.
class ReportInBrowser : public Report {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium > /dev/null 2>&1") != 0) GTEST_SKIP() << "needs chromium";
  }

  /// The page at `#view` when all scripts have run. No script may complain.
  std::string page(const std::string& outdir, const std::string& view) const {
    const std::string command =
        "HOME=" + folder_.path() + " timeout 60 chromium --headless --no-sandbox --disable-gpu" +
        " --user-data-dir=" + folder_ / "profile" +
        " --enable-logging=stderr --virtual-time-budget=10000 --dump-dom 'file://" + outdir +
        "/report/index.html#" + view + "' > " + (folder_ / "page") + " 2> " + (folder_ / "log");
    EXPECT_EQ(std::system(command.c_str()), 0);
    const std::string log = test::read_text(folder_ / "log");
    EXPECT_EQ(log.find("CONSOLE"), std::string::npos) << log;
    return test::read_text(folder_ / "page");
  }

  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t times = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
    return times;
  }
};

TEST_F(ReportInBrowser, ShowsFiltersAndDetails) {
  const std::string outdir = run("out", photos());
  write_report(outdir);
  const std::string all = page(outdir, "");
  EXPECT_NE(all.find("4 of 4 photos"), std::string::npos) << all;
  EXPECT_EQ(count(all, "class=\"card"), 4u);
  EXPECT_EQ(count(all, "<circle"), 3u * 17) << "three people";
  EXPECT_EQ(count(all, "<script>console"), 0u) << "a name is text";
  EXPECT_NE(all.find("&lt;script&gt;console"), std::string::npos);
  const std::string failed = page(outdir, "show=failed");
  EXPECT_NE(failed.find("1 of 4 photos"), std::string::npos);
  EXPECT_NE(failed.find("not a &lt;i&gt;picture&lt;/i&gt;"), std::string::npos);
  const std::string named = page(outdir, "q=B.SVG&sort=name");
  EXPECT_NE(named.find("1 of 4 photos"), std::string::npos);
  const std::string detail = page(outdir, "photo=0");
  EXPECT_EQ(count(detail, "<table"), 2u);
  EXPECT_NE(detail.find("left_shoulder"), std::string::npos);
  EXPECT_NE(detail.find("person 2, score 2.5"), std::string::npos);
}

TEST_F(ReportInBrowser, ShowsTwoRunsWithTheGreatestDifferenceFirst) {
  std::vector<PhotoRecord> others = photos();
  others[1].people.clear();
  const std::string outdir = run("out", photos());
  write_report(outdir, run("other", others));
  const std::string grid = page(outdir, "");
  EXPECT_LT(grid.find("data-photo=\"1\""), grid.find("data-photo=\"0\"")) << "the worst first";
  const std::string detail = page(outdir, "photo=1");
  EXPECT_EQ(count(detail, "<section"), 2u);
  EXPECT_EQ(count(detail, "<table"), 1u) << "one run found nobody";
  EXPECT_NE(detail.find("difference 1"), std::string::npos);
}

}  // namespace
}  // namespace pose
