// A run that goes on from what an earlier one left in its journal.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "pose/results.h"
#include "results/records.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPhotos = 6;

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() {
    test::RandomRecords random(7);
    for (std::size_t i = 0; i < kPhotos; ++i)
      photos_.push_back(random.record(i, "p" + std::to_string(i) + ".jpg"));
    photos_[2].people.clear();
    photos_[2].error = Error::format("not a picture");
    run_.version = "1";
    run_.settings = {
        {"conf", "0.5", true, false}, {"outdir", "a", false, false}, {"save_img", "false", false, true}};
    run_.models = {{"pose", "card", "w.pth", "abc"}};
    run_.boxes_file = folder_ / "boxes.json";
    run_.photos = kPhotos;
    Journal journal(whole_.path(), run_, false);
    for (const PhotoRecord& photo : photos_) journal.append(photo);
    conclude(journal, whole_.path(), true);
    for (const char* name : {"alphapose-results.json", "run.json"})
      expected_.push_back(test::read_text(whole_ / name));
    expected_.push_back(test::read_text(run_.boxes_file));
  }

  std::string out() const { return folder_.path(); }
  std::string partial() const { return folder_ / "journal.partial.jsonl"; }

  /// All but those in `again`, at their place in `photos_`.
  Journal::PlaceOf keep_all_but(const std::set<std::string>& again) const {
    return [this, again](const PhotoRecord& record) -> std::optional<std::size_t> {
      for (std::size_t i = 0; i < photos_.size(); ++i)
        if (photos_[i].name == record.name && again.count(record.name) == 0) return i;
      return std::nullopt;
    };
  }

  void broken_run(const std::vector<std::size_t>& photos) {
    Journal journal(out(), run_, false);
    for (const std::size_t i : photos) journal.append(photos_[i]);
  }

  /// Goes on, doing what is not kept, and returns which photos were done.
  std::vector<std::size_t> resumed_run(const std::set<std::string>& again = {}) {
    Journal journal(out(), run_, false);
    journal.resume(keep_all_but(again));
    std::vector<std::size_t> done;
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      if (journal.keeps(i)) continue;
      journal.append(photos_[i]);
      done.push_back(i);
    }
    EXPECT_EQ(journal.count().photos, photos_.size());
    count_ = conclude(journal, out(), true).count;
    return done;
  }

  void expect_as_uninterrupted() const {
    EXPECT_EQ(test::read_text(folder_ / "alphapose-results.json"), expected_[0]);
    EXPECT_EQ(without_seconds(test::read_text(folder_ / "run.json")), without_seconds(expected_[1]));
    EXPECT_EQ(test::read_text(run_.boxes_file), expected_[2]);
    EXPECT_FALSE(fs::exists(partial()));
  }

  static std::string without_seconds(const std::string& report) {
    return report.substr(0, report.find("\"totals\""));
  }

  using Places = std::vector<std::size_t>;
  test::TempFolder folder_, whole_;
  std::vector<PhotoRecord> photos_;
  std::vector<std::string> expected_;
  RunInfo run_;
  JournalCount count_;
};

TEST_F(ResumeTest, WhatIsDoneIsNotDoneAgain) {
  broken_run({0, 1, 2, 3});
  const auto bytes = fs::file_size(partial());
  EXPECT_EQ(resumed_run(), (Places{4, 5}));
  expect_as_uninterrupted();
  EXPECT_EQ(count_.failed, 1u) << "those that were kept count";
  EXPECT_EQ(test::read_text(folder_ / "journal.jsonl").find("{\"journal\"", 1), std::string::npos)
      << "one beginning: an unchanged journal is only appended to";
  EXPECT_GT(fs::file_size(folder_ / "journal.jsonl"), bytes);
}

TEST_F(ResumeTest, ACompleteRunHasNothingLeft) {
  resumed_run();
  EXPECT_EQ(resumed_run(), Places{});
  expect_as_uninterrupted();
  EXPECT_EQ(resumed_run({"p1.jpg"}), (Places{1}));
  expect_as_uninterrupted();
}

TEST_F(ResumeTest, WhereThereIsNothingItBegins) {
  EXPECT_EQ(resumed_run(), (Places{0, 1, 2, 3, 4, 5}));
  expect_as_uninterrupted();
}

TEST_F(ResumeTest, PhotosDoneAgainTakeTheirOldPlace) {
  broken_run({0, 1, 2, 3, 4});
  EXPECT_EQ(resumed_run({"p0.jpg", "p3.jpg"}), (Places{0, 3, 5}));
  expect_as_uninterrupted();
}

TEST_F(ResumeTest, OfSeveralRecordsTheLastThatMayBeKeptCounts) {
  const PhotoRecord good = photos_[1];
  photos_[1].people.clear();
  broken_run({0, 1});
  photos_[1] = good;
  broken_run({1, 2});
  EXPECT_EQ(resumed_run(), (Places{3, 4, 5}));
  expect_as_uninterrupted();
}

TEST_F(ResumeTest, PhotosThatCameAndWentSinceGetTheirPlaces) {
  const std::vector<PhotoRecord> all = photos_;
  photos_ = {all[1], all[4], all[5]};  // before
  for (std::size_t i = 0; i < photos_.size(); ++i) photos_[i].index = i;
  photos_[1].name = "gone.jpg";
  run_.photos = 3;
  broken_run({0, 1, 2});
  photos_ = all;
  run_.photos = kPhotos;
  EXPECT_EQ(resumed_run(), (Places{0, 2, 3, 4}));
  expect_as_uninterrupted();
}

TEST_F(ResumeTest, FailuresThatStayAreToldAgain) {
  broken_run({0, 2});
  Journal journal(out(), run_, false);
  EXPECT_EQ(journal.unfinished(), 2u);
  journal.resume(keep_all_but({}));
  ASSERT_EQ(journal.kept_failures().size(), 1u);
  EXPECT_EQ(journal.kept_failures()[0].name, "p2.jpg");
  EXPECT_STREQ(journal.kept_failures()[0].error->what(), "not a picture");
  EXPECT_EQ(journal.count().failed, 1u);
  EXPECT_EQ(journal.count().people, photos_[0].people.size());
}

TEST_F(ResumeTest, AnotherRunIsRefusedWithWhatDiffers) {
  const auto refused = [&](const RunInfo& other, const std::string& part) {
    test::expect_error(ErrorKind::kUsage, part, [&] {
      Journal journal(out(), other, false);
      journal.resume(keep_all_but({}));
    });
  };
  for (const bool complete : {false, true}) {
    broken_run({0, 1});
    if (complete) resumed_run();
    const std::string path = complete ? folder_ / "journal.jsonl" : partial();
    const std::string before = test::read_text(path);
    RunInfo other = run_;
    other.settings[0].value = "0.6";
    refused(other, "--conf was '0.5' and is '0.6'");
    other = run_;
    other.models[0].sha256 = "def";
    refused(other, "pose model was 'card abc' and is 'card def'");
    other = run_;
    other.settings[2].value = "true";
    refused(other, "--save_img was 'false' and is 'true'");
    EXPECT_EQ(test::read_text(path), before);
  }
  run_.settings[1].value = "elsewhere";
  EXPECT_EQ(resumed_run(), Places{}) << "changes no file";
}

TEST_F(ResumeTest, SecondsOfAllPartsAreAdded) {
  broken_run({0});
  std::string text = test::read_text(partial());
  const std::size_t at = text.find("\"at\": ") + 6;
  text.replace(at, text.find(',', at) - at, "1000.5");
  test::write_text(partial(), text);
  resumed_run();
  const std::string report = test::read_text(folder_ / "run.json");
  EXPECT_NE(report.find("\"seconds\": 1000.5", report.find("\"totals\"")), std::string::npos) << report;
}

TEST_F(ResumeTest, WhileItIsResumedAnotherProcessIsRefused) {
  broken_run({0, 1});
  Journal journal(out(), run_, false);
  journal.resume(keep_all_but({"p0.jpg"}));
  test::expect_error(ErrorKind::kUsage, "another pose is at work", [&] { Journal(out(), run_, false); });
}

TEST_F(ResumeTest, WhatWhoeverComparesShouldKnowIsInTheReport) {
  run_.note = "mind the batch";
  resumed_run();
  EXPECT_NE(test::read_text(folder_ / "run.json").find("\"note\": \"mind the batch\""), std::string::npos);
}

}  // namespace
}  // namespace pose
