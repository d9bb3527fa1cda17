#include "results/record_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/records.h"
#include "support/errors.h"

namespace pose {
namespace {

JournalRecord back(const JournalRecord& record) {
  return std::get<JournalRecord>(parse_journal_line(line_of(record), "x"));
}

TEST(RecordText, GivesBackEveryRecordAsItWas) {
  test::RandomRecords records(3);
  for (std::size_t i = 0; i < 200; ++i) {
    const JournalRecord record{records.record(i, "d/ü" + std::to_string(i) + "\xE9.jpg"),
                               0.1 * static_cast<double>(i)};
    const std::string line = line_of(record);
    ASSERT_EQ(line.find('\n'), std::string::npos);
    const JournalRecord read = back(record);
    EXPECT_EQ(line_of(read), line);
    const PhotoRecord &a = record.photo, &b = read.photo;
    EXPECT_EQ(read.at, record.at);
    EXPECT_EQ(b.index, a.index);
    EXPECT_EQ(b.name, a.name);
    EXPECT_EQ(b.path, a.path);
    EXPECT_EQ(b.file.bytes, a.file.bytes);
    EXPECT_EQ(b.file.modified_ns, a.file.modified_ns);
    EXPECT_EQ(b.size.width, a.size.width);
    EXPECT_EQ(b.size.height, a.size.height);
    EXPECT_EQ(b.seconds, a.seconds);
    EXPECT_TRUE(b.ok());
    ASSERT_EQ(b.boxes.size(), a.boxes.size());
    for (std::size_t k = 0; k < a.boxes.size(); ++k) {
      test::expect_same(b.boxes[k], a.boxes[k]);
      EXPECT_EQ(b.boxes[k].given.has_value(), a.boxes[k].given.has_value());
      EXPECT_EQ(b.boxes[k].class_score, a.boxes[k].class_score);
      EXPECT_EQ(b.boxes[k].class_id, a.boxes[k].class_id);
    }
    ASSERT_EQ(b.people.size(), a.people.size());
    for (std::size_t k = 0; k < a.people.size(); ++k) {
      test::expect_same(b.people[k].detection, a.people[k].detection);
      test::expect_same_joints(b.people[k], a.people[k]);
      EXPECT_EQ(b.people[k].score, a.people[k].score);
      EXPECT_EQ(b.people[k].area, a.people[k].area);
      EXPECT_EQ(b.people[k].index, a.people[k].index);
      EXPECT_EQ(b.people[k].center_scale, a.people[k].center_scale);
      EXPECT_EQ(b.people[k].merged, a.people[k].merged);
    }
  }
}

TEST(RecordText, KeepsFailuresAndWarnings) {
  JournalRecord record;
  record.photo.name = "a.jpg";
  record.photo.warning = "the file is \"cut off\"\n";
  record.photo.error = Error::memory("not enough memory for \xFF");
  const PhotoRecord read = back(record).photo;
  EXPECT_EQ(read.warning, record.photo.warning);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error->kind(), ErrorKind::kMemory);
  EXPECT_STREQ(read.error->what(), record.photo.error->what());
}

TEST(RecordText, GivesBackARun) {
  RunInfo run;
  run.version = "9.8";
  run.settings = {
      {"conf", "0.5", true}, {"inputs", std::string(100'000, 'x') + "\xE9", true}, {"quiet", "false", false}};
  run.models = {{"pose", "card", "w.pth", "abc"}, {"detector", "d", "d.weights", "0"}};
  run.skeleton = "mpii16";
  run.form = "open";
  run.boxes_file = "/tmp/\xFF.json";
  run.photos = 123;
  const std::string line = line_of(run);
  EXPECT_TRUE(begins_run(line));
  EXPECT_FALSE(begins_run(line_of(JournalRecord{})));
  EXPECT_FALSE(begins_run(""));
  const RunInfo read = std::get<RunInfo>(parse_journal_line(line, "x"));
  EXPECT_EQ(line_of(read), line);
  EXPECT_EQ(read.version, "9.8");
  ASSERT_EQ(read.settings.size(), 3u);
  EXPECT_EQ(read.settings[1].value, run.settings[1].value);
  EXPECT_FALSE(read.settings[2].shapes_results);
  EXPECT_TRUE(read.settings[0].shapes_results);
  ASSERT_EQ(read.models.size(), 2u);
  EXPECT_EQ(read.models[1].weights, "d.weights");
  EXPECT_EQ(read.skeleton, "mpii16");
  EXPECT_EQ(read.form, "open");
  EXPECT_EQ(read.boxes_file, run.boxes_file);
  EXPECT_EQ(read.photos, 123u);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(RecordText, LinesOfStrangersAreRefusedWithThePlace) {
  test::RandomRecords records(5);
  PhotoRecord photo = records.record(1, "a.jpg");
  while (photo.people.empty() || photo.boxes[0].given || photo.people[0].center_scale)
    photo = records.record(1, "a.jpg");
  const std::string good = line_of(JournalRecord{photo, 1});
  const auto refused = [](const std::string& line, const std::string& part) {
    SCOPED_TRACE(line.substr(0, 80));
    test::expect_error(ErrorKind::kFormat, part, [&] { parse_journal_line(line, "file, line 7"); });
  };
  refused("", "file, line 7");
  refused("[]", "object");
  refused(good.substr(0, good.size() - 1), "JSON");
  refused(replaced(good, "\"photo\": 1", "\"photo\": -1"), "photo");
  for (const char* name : {"../a.jpg", "/a.jpg", "d/../../a.jpg", ""})
    refused(replaced(good, "\"name\": \"a.jpg\"", "\"name\": \"" + std::string(name) + "\""), "leads out");
  refused(replaced(good, "\"width\": ", "\"width\": -"), "width");
  refused(replaced(good, "\"boxes\": [", "\"boxes\": [1, "), "boxes must have seven numbers");
  refused(replaced(good, "\"boxes\": [", "\"boxes\": [1e300, 0, 0, 0, 0, 0, 0, "),
          "boxes has a number out of range");
  refused(replaced(good, "\"boxes\": [", "\"boxes\": [0, 0, 0, 0, 0, 0, 0.5, "),
          "boxes has a number that should be whole");
  refused(replaced(good, "\"joints\": [", "\"joints\": [1, "), "people[0].joints must have three numbers");
  refused(replaced(good, "\"joints\": [", "\"joints\": [NaN, "), "JSON");
  refused(replaced(good, "\"joints\": [", "\"joints\": [null, "), "people[0].joints");
  refused(replaced(good, "\"box\": [", "\"box\": [0, 0, 0, 0, 0, 0, 0, "), "people[0].box must be one box");
  refused(replaced(good, "\"merged\": [", "\"merged\": [1.5, "), "merged");
  refused(replaced(good, "\"people\"", "\"persons\""), "people must be a list");
  refused(replaced(good, "\"at\"", "\"when\""), "at is missing");
  refused(replaced(good, "{\"photo\"", "{\"more\": 1, \"photo\""), "more is not known");
  refused(replaced(good, "\"boxes\": [", "\"given\": [1, 2, 3, 4, 5], \"boxes\": ["), "four numbers a box");
  refused(replaced(good, "\"people\": [{", "\"people\": [{\"center_scale\": [1, 2, 3], "),
          "center_scale must be four numbers");
  refused("{\"journal\": 2}", "journal must be a whole number from 1 to 1");
}

TEST(RecordText, KnowsNumbersThatAreNone) {
  test::RandomRecords records(8);
  PhotoRecord photo = records.record(0, "a");
  while (photo.people.size() < 2) photo = records.record(0, "a");
  EXPECT_TRUE(is_finite(photo));
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const auto broken = [&](auto place, auto value) {
    PhotoRecord other = photo;
    place(other) = value;
    return !is_finite(other);
  };
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].box.x1; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].box.y1; }, inf));
  EXPECT_TRUE(broken(
      [](PhotoRecord & p) -> auto& { return p.boxes[1].given; }, Rect{0, nan, 1, 1}));
  EXPECT_TRUE(broken(
      [](PhotoRecord & p) -> auto& { return p.people[1].center_scale; }, std::array<float, 4>{0, 0, inf, 1}));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].box.x2; }, -inf));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].box.y2; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].score; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.boxes[1].class_score; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.people[1].detection.box.x1; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> double& { return p.people[1].score; }, double{nan}));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> double& { return p.people[1].area; }, double{inf}));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.people[1].joints[16].x; }, nan));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.people[1].joints[0].y; }, inf));
  EXPECT_TRUE(broken([](PhotoRecord& p) -> float& { return p.people[1].joints[3].score; }, nan));
}

}  // namespace
}  // namespace pose
