// The shards of a run, each a run of the whole program with fake networks, put together.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "faults/program.h"
#include "support/fake_models.h"
#include "support/files.h"

namespace pose::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kPhotos = 23;

class Shards : public testing::Test {
 protected:
  Shards() {
    fs::create_directories(folder_ / "photos/b");
    for (int i = 0; i < kPhotos; ++i)
      add_photo((i % 3 ? "" : "b/") + std::string("p") + std::to_string(i), i);
    write_text(folder_ / "photos/p4.png", "no picture");
  }

  void add_photo(const std::string& name, int i) {
    write_fake_photo(folder_ / ("photos/" + name + ".png"), i % 4, i);
  }

  Ended pose(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"pose"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Program(command, {}, folder_ / "log").wait();
  }
  Ended run(const std::string& outdir, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--indir", folder_ / "photos", "--recursive", "--outdir", folder_ / outdir});
    return pose(more);
  }
  std::string shard(int number) const { return folder_ / ("s" + std::to_string(number)); }
  void run_shards(const std::vector<std::string>& more, int count = 3) const {
    for (int number = 1; number <= count; ++number) {
      std::vector<std::string> arguments = more;
      arguments.insert(arguments.end(), {"--shard", std::to_string(number) + "/" + std::to_string(count)});
      const Ended ended = run("s" + std::to_string(number), arguments);
      EXPECT_TRUE(ended.exit_code == 0 || ended.exit_code == 3) << ended.said;
    }
  }
  Ended merge(const std::vector<std::string>& shards, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"merge", folder_ / "out"};
    arguments.insert(arguments.end(), shards.begin(), shards.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return pose(arguments);
  }
  void expect_refused(const std::vector<std::string>& shards, const std::vector<std::string>& parts) const {
    const Ended ended = merge(shards);
    EXPECT_TRUE(ended.exit_code == 1 || ended.exit_code == 2) << ended.exit_code;
    for (const std::string& part : parts) EXPECT_NE(ended.said.find(part), std::string::npos) << ended.said;
    EXPECT_FALSE(fs::exists(folder_ / "out/alphapose-results.json"));
  }

  /// Files of the output folder but the journal; times left out of `run.json`.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
      const std::string name = fs::relative(entry.path(), folder_ / "out").string();
      if (!entry.is_regular_file() || name == "journal.jsonl") continue;
      std::string text = read_text(entry.path().string());
      if (name == "run.json") {
        json report = json::parse(text);
        seconds_ = report["totals"]["seconds"];
        for (json& image : report["images"]) image.erase("seconds");
        report["totals"].erase("seconds");
        text = report.dump();
      }
      files[name] = text;
    }
    return files;
  }

  TempFolder folder_;
  mutable double seconds_ = 0;
};

TEST_F(Shards, TogetherAreWhatOneRunWrites) {
  for (const char* form : {"coco", "open"}) {
    SCOPED_TRACE(form);
    const std::vector<std::string> boxes{"--save_boxes", folder_ / "out/boxes.json"};
    std::vector<std::string> whole{"--save_img", "--format", form};
    run_shards(whole);
    whole.insert(whole.end(), boxes.begin(), boxes.end());
    EXPECT_EQ(run("out", whole).exit_code, 3);
    const auto expected = contents();
    EXPECT_GT(expected.size(), std::size_t{kPhotos});
    fs::remove_all(folder_ / "out");
    const Ended merged = merge({shard(3), shard(1), shard(2)}, boxes);
    EXPECT_EQ(merged.exit_code, 3) << merged.said;
    EXPECT_NE(merged.said.find("23 images"), std::string::npos) << merged.said;
    EXPECT_EQ(contents(), expected);
    EXPECT_EQ(fs::hard_link_count(folder_ / "out/vis/b/p0.png"), 2u);
    double seconds = 0;
    for (int number = 1; number <= 3; ++number)
      seconds += json::parse(read_text(shard(number) + "/run.json"))["totals"]["seconds"].get<double>();
    EXPECT_NEAR(seconds_, seconds, 0.01) << "of all shards";
    EXPECT_EQ(merge({shard(1), shard(2), shard(3)}, boxes).exit_code, 3) << "once more";
    EXPECT_EQ(contents(), expected);
    fs::remove_all(folder_ / "out");
  }
}

TEST_F(Shards, EachHasItsPartAndSaysSo) {
  run_shards({}, 2);
  const json one = json::parse(read_text(shard(1) + "/run.json"));
  const json two = json::parse(read_text(shard(2) + "/run.json"));
  EXPECT_EQ(one["options"]["shard"], "1/2");
  EXPECT_EQ(one["interrupted"], false);
  EXPECT_EQ(one["totals"]["images"].get<int>() + two["totals"]["images"].get<int>(), kPhotos);
  EXPECT_NE(run("s1", {"--shard", "2/2", "--resume"}).said.find("--shard was '1/2' and is '2/2'"),
            std::string::npos);
}

TEST_F(Shards, MayBeEmpty) {
  run_shards({}, 40);
  std::vector<std::string> shards;
  for (int number = 1; number <= 40; ++number) shards.push_back(shard(number));
  const Ended merged = merge(shards);
  EXPECT_EQ(merged.exit_code, 3) << merged.said;
}

TEST_F(Shards, ThoseThatDoNotFitAreNamed) {
  run_shards({});
  expect_refused({shard(1), shard(3)}, {"shard 2/3 is missing"});
  expect_refused({shard(1), shard(2), shard(3), shard(1)}, {"s1 (shard 1/3)", "are the same shard"});
  expect_refused({}, {"SHARD"});
  expect_refused({shard(1), folder_ / "photos"}, {"photos/journal.jsonl"});
  EXPECT_EQ(pose({"merge", shard(1), shard(1), shard(2), shard(3)}).exit_code, 2) << "into one of them";
  run("s4", {"--shard", "2/4"});
  expect_refused({shard(1), shard(4)}, {"(shard 1/3)", "(shard 2/4)", "different divisions"});
  run("s5");
  expect_refused({shard(1), shard(5)}, {"s5 holds a whole run"});
  run("s6", {"--shard", "2/3", "--max_pixels", "100000"});
  expect_refused({shard(1), shard(6), shard(3)}, {"s6 (shard 2/3) has other options", "--max_pixels"});
  run("s7", {"--shard", "2/3", "--save_img"});
  expect_refused({shard(1), shard(7), shard(3)}, {"--save_img was 'false' and is 'true'"});
  fs::rename(shard(2) + "/journal.jsonl", shard(2) + "/journal.partial.jsonl");
  expect_refused({shard(1), shard(2), shard(3)}, {"the run in " + shard(2) + " is not finished", "--resume"});
}

TEST_F(Shards, CountsInAJournalAreNotBelieved) {
  run_shards({});
  for (int number = 1; number <= 3; ++number) {
    std::string text = read_text(shard(number) + "/journal.jsonl");
    text.replace(text.find("\"whole\": 23"), 11, "\"whole\": 4611686018427387904");
    write_text(shard(number) + "/journal.jsonl", text);
  }
  expect_refused({shard(1), shard(2), shard(3)}, {"have 23 of 4611686018427387904 photos"});
}

TEST_F(Shards, PhotosThatComeOrGoBetweenAreSeenAndMended) {
  run_shards({});
  add_photo("a0", 1);
  run("s2", {"--shard", "2/3", "--resume"});
  expect_refused({shard(1), shard(2), shard(3)}, {"knew of 23 photos", "of 24", "--resume"});
  fs::remove(folder_ / "photos/p22.png");
  run("s2", {"--shard", "2/3", "--resume"});
  const Ended ended = merge({shard(1), shard(2), shard(3)});
  EXPECT_EQ(ended.exit_code, 2) << "as many photos, but others: " << ended.said;
  EXPECT_NE(ended.said.find("came or went between their runs"), std::string::npos) << ended.said;
  run_shards({"--resume"});
  EXPECT_EQ(merge({shard(1), shard(2), shard(3)}).exit_code, 3);
}

TEST_F(Shards, PicturesThatAreMissingAreToldAndDrawn) {
  run_shards({"--save_img"});
  for (int number = 1; number <= 3; ++number) fs::remove(shard(number) + "/vis/p1.png");
  expect_refused({shard(1), shard(2), shard(3)}, {"vis/p1.png", "--resume"});
  run_shards({"--save_img", "--resume"});
  EXPECT_EQ(merge({shard(1), shard(2), shard(3)}).exit_code, 3);
  EXPECT_TRUE(fs::exists(folder_ / "out/vis/p1.png"));
}

}  // namespace
}  // namespace pose::test
