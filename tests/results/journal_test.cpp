// What a run leaves behind, however it ends.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "pose/results.h"
#include "results/journal_file.h"
#include "results/records.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kPhotos = 6;

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    test::RandomRecords random(1);
    for (std::size_t i = 0; i < kPhotos; ++i)
      photos_.push_back(random.record(i, "p" + std::to_string(i) + ".jpg"));
    photos_[4].people.clear();
    photos_[4].error = Error::format("not a picture");
    run_.version = "1";
    run_.settings = {{"conf", "0.5", true}, {"outdir", "a", false}};
    run_.models = {{"pose", "card", "w.pth", "abc"}};
    run_.photos = kPhotos;
  }

  std::string out() const { return folder_.path(); }
  std::string partial() const { return folder_ / "journal.partial.jsonl"; }
  std::string whole() const { return folder_ / "journal.jsonl"; }
  json people() const { return json::parse(test::read_text(folder_ / "alphapose-results.json")); }
  json report() const { return json::parse(test::read_text(folder_ / "run.json")); }
  bool has_results() const { return fs::exists(folder_ / "alphapose-results.json"); }

  /// Appends photos `from` to `to` in a run that is then broken off as by `kill -9`.
  void broken_run(std::size_t from, std::size_t to) {
    Journal journal(out(), run_, false);
    for (std::size_t i = from; i < to; ++i) journal.append(photos_[i]);
  }

  void whole_run() {
    Journal journal(out(), run_, false);
    for (const PhotoRecord& photo : photos_) journal.append(photo);
    conclude(journal, out(), true);
  }

  std::size_t people_of(std::size_t from, std::size_t to) const {
    std::size_t count = 0;
    for (std::size_t i = from; i < to; ++i) count += photos_[i].people.size();
    return count;
  }

  test::TempFolder folder_;
  std::vector<PhotoRecord> photos_;
  RunInfo run_;
};

TEST_F(JournalTest, ACompleteRunMakesItsResultsAndTakesTheNameThatSaysSo) {
  run_.boxes_file = folder_ / "boxes.json";
  whole_run();
  EXPECT_FALSE(fs::exists(partial()));
  EXPECT_TRUE(fs::exists(whole()));
  EXPECT_EQ(people().size(), people_of(0, kPhotos));
  EXPECT_EQ(people()[0]["image_id"], photos_[0].people.empty() ? "p1.jpg" : "p0.jpg");
  std::size_t boxes = 0;
  for (const PhotoRecord& photo : photos_) boxes += photo.boxes.size();
  EXPECT_EQ(json::parse(test::read_text(folder_ / "boxes.json")).size(), boxes);
  EXPECT_EQ(report()["interrupted"], false);
  EXPECT_EQ(report()["totals"]["images"], kPhotos);
  EXPECT_EQ(report()["totals"]["failed"], 1);
  EXPECT_EQ(report()["totals"]["people"], people_of(0, kPhotos));
  EXPECT_EQ(report()["options"]["conf"], 0.5);
  EXPECT_TRUE(has_complete_results(out()));
}

TEST_F(JournalTest, SecondsOfAllPartsOfARunAreAdded) {
  {
    Journal journal(out(), run_, false);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    journal.append(photos_[0]);
  }
  finish_run(out());
  const double first = report()["totals"]["seconds"];
  EXPECT_GE(first, 0.03);
  {
    Journal journal(out(), run_, false);
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    journal.append(photos_[1]);
  }
  finish_run(out());
  EXPECT_GE(report()["totals"]["seconds"].get<double>(), first + 0.03);
}

TEST_F(JournalTest, KnowsItsPathAlsoWhenItIsComplete) {
  Journal journal(out(), run_, false);
  EXPECT_EQ(journal.path(), partial());
  conclude(journal, out(), true);
  EXPECT_EQ(journal.path(), whole());
}

TEST_F(JournalTest, ARunThatWasBrokenOffCanBeFinished) {
  broken_run(0, 3);
  EXPECT_FALSE(has_results());
  const JournalCount count = finish_run(out());
  EXPECT_EQ(count.photos, 3u);
  EXPECT_EQ(count.people, people_of(0, 3));
  EXPECT_EQ(people().size(), people_of(0, 3));
  EXPECT_EQ(report()["interrupted"], true);
  EXPECT_FALSE(has_complete_results(out()));
  EXPECT_TRUE(fs::exists(partial())) << "it may be gone on with";
}

TEST_F(JournalTest, FinishedPhotosAreThoseOfAWholeRunByteForByte) {
  whole_run();
  const std::string expected = test::read_text(folder_ / "alphapose-results.json");
  fs::remove(whole());
  broken_run(0, kPhotos);
  finish_run(out());
  EXPECT_EQ(test::read_text(folder_ / "alphapose-results.json"), expected);
}

TEST_F(JournalTest, ATornLastLineIsDroppedAndWhatFollowsIsWhole) {
  broken_run(0, 3);
  const std::string text = test::read_text(partial());
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  for (const std::size_t size : {last, last + 1, last + 40, text.size() - 1}) {
    test::write_text(partial(), text.substr(0, size));
    EXPECT_EQ(finish_run(out()).photos, 2u) << size;
  }
  test::write_text(partial(), text.substr(0, last) + std::string(100, '\0'));
  EXPECT_EQ(finish_run(out()).photos, 2u) << "what a power cut leaves";
  broken_run(2, 4);
  EXPECT_EQ(finish_run(out()).photos, 4u) << "the torn line is gone before others are appended";
}

TEST_F(JournalTest, GarbageInTheMiddleIsNamedWithItsLine) {
  broken_run(0, 3);
  std::string text = test::read_text(partial());
  const std::size_t second = text.find('\n') + 1;
  test::write_text(partial(), text.substr(0, second) + "garbage\n" + text.substr(second));
  test::expect_error(ErrorKind::kFormat, "journal.partial.jsonl, line 2", [&] { finish_run(out()); });
  test::write_text(partial(), "garbage\n");
  test::expect_error(ErrorKind::kFormat, "is no journal of pose", [&] { finish_run(out()); });
  EXPECT_THROW(Journal(out(), run_, false), Error);
  EXPECT_EQ(test::read_text(partial()), "garbage\n") << "what is not ours is left alone";
  EXPECT_FALSE(has_results());
}

TEST_F(JournalTest, PeopleOfAnotherSkeletonAreNamedAndNotWritten) {
  std::size_t photo = 0;
  while (photos_[photo].people.empty()) ++photo;
  photos_[photo].people.back().joints.pop_back();
  broken_run(0, kPhotos);
  test::expect_error(ErrorKind::kFormat, photos_[photo].name + " has a person with 16 joints",
                     [&] { finish_run(out()); });
  EXPECT_FALSE(has_results());
}

TEST_F(JournalTest, TheSameRunGoesOnAndLosesNothing) {
  broken_run(0, 3);
  broken_run(2, 5);
  const JournalCount count = finish_run(out());
  EXPECT_EQ(count.photos, 5u) << "photo 2 counts once";
  EXPECT_EQ(people().size(), people_of(0, 5));
  whole_run();
  EXPECT_EQ(people().size(), people_of(0, kPhotos));
  EXPECT_FALSE(fs::exists(partial()));
  EXPECT_EQ(finish_run(out()).photos, kPhotos) << "of the last run only";
}

TEST_F(JournalTest, AFailureDoesNotReplaceWhatWasDone) {
  photos_[1].people.resize(1);
  photos_[1].people[0].joints.resize(17);
  broken_run(0, 2);
  photos_[1].people.clear();
  photos_[1].error = Error::io("the disk is away");
  broken_run(1, 2);
  finish_run(out());
  EXPECT_EQ(report()["images"][1]["status"], "ok");
  EXPECT_EQ(report()["images"][1]["people"], 1);
}

TEST_F(JournalTest, PhotosComeInTheOrderOfTheRun) {
  broken_run(3, 5);
  broken_run(0, 2);
  finish_run(out());
  const json account = report();
  std::vector<std::string> names;
  for (const json& image : account["images"]) names.push_back(image["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"p0.jpg", "p1.jpg", "p3.jpg", "p4.jpg"}));
}

TEST_F(JournalTest, AnUnfinishedRunOfOtherOptionsIsRefusedUnlessGivenUp) {
  broken_run(0, 3);
  const std::string before = test::read_text(partial());
  const auto refused = [&](const RunInfo& other, const std::string& part) {
    test::expect_error(ErrorKind::kUsage, part, [&] { Journal(out(), other, false); });
    test::expect_error(ErrorKind::kUsage, "--overwrite", [&] { Journal(out(), other, false); });
    EXPECT_EQ(test::read_text(partial()), before);
  };
  RunInfo other = run_;
  other.settings[0].value = "0.6";
  refused(other, "--conf was '0.5' and is '0.6'");
  refused(other, "3 of 6 photos");
  other = run_;
  other.settings.push_back({"nms", "1", true});
  refused(other, "--nms was none and is '1'");
  other = run_;
  other.settings.erase(other.settings.begin());
  refused(other, "--conf was '0.5' and is none");
  other = run_;
  other.models[0].sha256 = "def";
  refused(other, "pose model was 'card abc' and is 'card def'");
  other = run_;
  other.models.push_back({"detector", "d", "w", "1"});
  refused(other, "detector model was none");
  other = run_;
  other.version = "2";
  refused(other, "version");
  other = run_;
  other.settings[1].value = "elsewhere";
  EXPECT_NO_THROW(Journal(out(), other, false)) << "changes no number";
  other.settings[0].value = "0.6";
  {
    Journal journal(out(), other, true);
    journal.append(photos_[5]);
  }
  EXPECT_EQ(finish_run(out()).photos, 1u);
  test::write_text(partial(), "garbage\n");
  EXPECT_NO_THROW(Journal(out(), run_, true));
}

TEST_F(JournalTest, ARunThatDidNothingLeavesNothing) {
  { const Journal journal(out(), run_, false); }
  EXPECT_TRUE(fs::is_empty(out()));
  broken_run(0, 2);
  const std::string before = test::read_text(partial());
  { const Journal journal(out(), run_, false); }
  EXPECT_EQ(test::read_text(partial()), before);
  test::expect_error(ErrorKind::kNotFound, "no journal of a run", [&] { finish_run(folder_ / "nowhere"); });
}

TEST_F(JournalTest, ARunWithoutPhotosIsComplete) {
  run_.photos = 0;
  Journal journal(out(), run_, false);
  EXPECT_TRUE(conclude(journal, out(), true).made_results);
  EXPECT_EQ(people(), json::array());
  EXPECT_EQ(report()["interrupted"], false);
}

TEST_F(JournalTest, AnInterruptedRunMakesResultsOnlyWhereNoneAreLost) {
  {
    Journal journal(out(), run_, false);
    journal.append(photos_[0]);
    journal.append(photos_[1]);
    EXPECT_TRUE(conclude(journal, out(), false).made_results);
  }
  EXPECT_EQ(people().size(), people_of(0, 2));
  EXPECT_EQ(report()["interrupted"], true);
  {
    Journal journal(out(), run_, false);
    journal.append(photos_[2]);
    EXPECT_TRUE(conclude(journal, out(), false).made_results) << "those before were of no whole run";
  }
  EXPECT_EQ(people().size(), people_of(0, 3)) << "and they are still in it";
  whole_run();
  const std::string complete = test::read_text(folder_ / "alphapose-results.json");
  Journal journal(out(), run_, false);
  journal.append(photos_[0]);
  const Conclusion end = conclude(journal, out(), false);
  EXPECT_FALSE(end.made_results);
  EXPECT_EQ(end.count.photos, 1u);
  EXPECT_EQ(test::read_text(folder_ / "alphapose-results.json"), complete);
  EXPECT_TRUE(fs::exists(whole()));
  EXPECT_TRUE(fs::exists(partial()));
}

TEST_F(JournalTest, ResultsOfOthersCountAsComplete) {
  EXPECT_FALSE(has_complete_results(out()));
  test::write_text(folder_ / "alphapose-results.json", "[]");
  EXPECT_TRUE(has_complete_results(out())) << "AlphaPose writes no run.json";
  test::write_text(folder_ / "run.json", std::string(500, ' ') + "\"interrupted\": true\n}\n");
  EXPECT_FALSE(has_complete_results(out()));
  test::write_text(folder_ / "run.json", "{\"interrupted\": false}");
  EXPECT_TRUE(has_complete_results(out()));
}

TEST_F(JournalTest, OneProcessAtATime) {
  auto journal = std::make_unique<Journal>(out(), run_, false);
  journal->append(photos_[0]);
  test::expect_error(ErrorKind::kUsage, "another pose is at work", [&] { Journal(out(), run_, true); });
  test::expect_error(ErrorKind::kUsage, "another pose is at work", [&] { finish_run(out()); });
  journal.reset();
  EXPECT_NO_THROW(Journal(out(), run_, false));
}

TEST_F(JournalTest, TheLockDiesWithItsProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    Journal journal(out(), run_, false);
    journal.append(photos_[0]);
    (void)!::write(ready[1], "x", 1);
    for (;;) pause();
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THROW(Journal(out(), run_, false), Error);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(finish_run(out()).photos, 1u) << "written, though nothing was synced";
}

TEST_F(JournalTest, NothingIsAppendedOnceItIsClosed) {
  Journal journal(out(), run_, false);
  journal.append(photos_[0]);
  journal.close();
  test::expect_error(ErrorKind::kUsage, "closed", [&] { journal.append(photos_[1]); });
  EXPECT_EQ(journal.count().photos, 1u);
}

TEST_F(JournalTest, NumbersThatAreNoneAreRefused) {
  Journal journal(out(), run_, false);
  photos_[0].boxes = {{{0, 0, std::nanf(""), 1}, 1, 1, 0}};
  test::expect_error(ErrorKind::kUsage, "p0.jpg", [&] { journal.append(photos_[0]); });
  journal.append(photos_[1]);
  journal.close();
  EXPECT_EQ(make_results(partial(), out(), JournalPart::kLastRun).photos, 1u);
}

TEST_F(JournalTest, SaysWhenItMustBeSynced) {
  Journal journal(out(), run_, false);
  EXPECT_FALSE(journal.sync_due());
  journal.append(photos_[0]);
  const std::optional<double> due = journal.sync_due();
  ASSERT_TRUE(due);
  EXPECT_GT(*due, 1.0);
  EXPECT_LE(*due, 2.0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  journal.append(photos_[1]);
  EXPECT_LT(*journal.sync_due(), *due) << "counts from the first photo that is not on the disk";
  journal.sync();
  EXPECT_FALSE(journal.sync_due());
}

TEST_F(JournalTest, PlacesThatCannotBeWrittenAreToldBeforehand) {
  EXPECT_NO_THROW(check_places(run_, out()));
  EXPECT_TRUE(fs::is_empty(out())) << "and nothing is left of the trial";
  RunInfo run = run_;
  run.boxes_file = folder_ / "missing/boxes.json";
  test::expect_error(ErrorKind::kIo, "missing/boxes.json", [&] { check_places(run, out()); });
  run.boxes_file = out();
  test::expect_error(ErrorKind::kIo, "it is a folder", [&] { check_places(run, out()); });
  fs::create_directory(folder_ / "run.json");
  test::expect_error(ErrorKind::kIo, "run.json", [&] { check_places(run_, out()); });
  fs::remove(folder_ / "run.json");
  run = run_;
  run.form = "open";
  test::write_text(folder_ / "sep-json", "");
  test::expect_error(ErrorKind::kIo, "sep-json", [&] { check_places(run, out()); });
  run.skeleton = "mpii16";
  test::expect_error(ErrorKind::kUsage, "--format open", [&] { check_places(run, out()); });
}

TEST_F(JournalTest, AJournalThatIsALinkOrAFolderIsNotFollowed) {
  test::write_text(folder_ / "precious", "mine");
  fs::create_symlink("precious", partial());
  test::expect_error(ErrorKind::kIo, "journal.partial.jsonl", [&] { Journal(out(), run_, true); });
  EXPECT_EQ(test::read_text(folder_ / "precious"), "mine");
  fs::remove(partial());
  fs::create_directory(partial());
  test::expect_error(ErrorKind::kIo, "journal.partial.jsonl", [&] { Journal(out(), run_, true); });
}

TEST(JournalReader, GoesToPlacesAndCountsLines) {
  const test::TempFolder folder;
  test::write_text(folder / "j", "one\ntwo\n\nfour\ntorn");
  JournalReader reader(folder / "j");
  std::string line;
  std::vector<JournalReader::Place> places;
  std::vector<std::string> lines;
  for (JournalReader::Place place = reader.place(); reader.next(line); place = reader.place()) {
    places.push_back(place);
    lines.push_back(line);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "four"}));
  EXPECT_EQ(reader.end(), 14);
  reader.go_to(places[1]);
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "two");
  test::expect_error(ErrorKind::kFormat, "j, line 2", [&] { reader.parse(line); });
  EXPECT_THROW(JournalReader(folder / "missing"), Error);
  EXPECT_THROW(JournalReader(folder.path()), Error);
}

}  // namespace
}  // namespace pose
