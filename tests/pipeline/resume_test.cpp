// Which photos of an earlier run are done again.

#include <algorithm>
#include <filesystem>

#include "pipeline/pipeline_fixture.h"
#include "pose/log.h"

namespace pose {
namespace {

using test::Pipeline;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class Resume : public Pipeline {
 protected:
  Resume() {
    for (int i = 0; i < 5; ++i) add_photo("p" + std::to_string(i) + ".png", 1 + i % 3);
    options_.output.save_img = true;
    set_log_sink([](LogLevel, std::string_view) {});
    hooks_.on_photo = [this](const PhotoRecord& photo, std::size_t, std::size_t) {
      done_.push_back(photo.name);
    };
  }
  ~Resume() override { set_log_sink(nullptr); }

  Names resumed() {
    done_.clear();
    RunInfo info;
    info.photos = photos_.size();
    Journal journal(options_.output.outdir, info, false);
    resume_run(photos_, options_, journal);
    const RunSummary summary = run_pipeline(photos_, models_, options_, journal, hooks_);
    EXPECT_EQ(summary.photos, done_.size());
    EXPECT_FALSE(summary.interrupted);
    EXPECT_EQ(conclude(journal, options_.output.outdir, true).count.photos, photos_.size());
    return done_;
  }
  std::string picture(const std::string& name) const { return options_.output.outdir + "/vis/" + name; }

  Names done_;
};

TEST_F(Resume, ChangedPhotosAreDoneAgain) {
  EXPECT_EQ(resumed().size(), 5u);
  const std::string before = results();
  EXPECT_EQ(resumed(), Names{});
  EXPECT_EQ(results(), before);
  fs::last_write_time(photos_[1].path, fs::last_write_time(photos_[1].path) + std::chrono::seconds(1));
  EXPECT_EQ(resumed(), Names{"p1.png"}) << "another time";
  EXPECT_EQ(results(), before);
  const auto time = fs::last_write_time(photos_[3].path);
  test::write_fake_photo(photos_[3].path, 3, 77);
  fs::last_write_time(photos_[3].path, time);
  EXPECT_EQ(resumed(), Names{"p3.png"}) << "another size";
  EXPECT_NE(results(), before);
}

TEST_F(Resume, TheListOfTheNewRunDecides) {
  resumed();
  photos_.erase(photos_.begin() + 1);
  add_photo("a.png", 2);
  std::rotate(photos_.begin(), photos_.end() - 1, photos_.end());
  EXPECT_EQ(resumed(), Names{"a.png"});
  const nlohmann::json account = report();
  Names names;
  for (const auto& image : account["images"]) names.push_back(image["name"]);
  EXPECT_EQ(names, (Names{"a.png", "p0.png", "p2.png", "p3.png", "p4.png"}));
  photos_[0].path = photos_[1].path;
  EXPECT_EQ(resumed(), Names{"a.png"}) << "another file of the same name";
}

TEST_F(Resume, FailuresThatMayPassAreTriedAgain) {
  test::write_text(photos_[0].path, "no picture");
  test::write_text(photos_[2].path, "\x89PNG\r\n\x1a\n and no more");
  photos_[1].path = folder_ / "later.png";
  int fails = 1;  // as memory that runs out
  detector_->fails = [&](const DetectorInput&) { return fails-- > 0; };
  EXPECT_EQ(resumed().size(), 5u);
  EXPECT_EQ(report()["totals"]["failed"], 3) << "the batch of the detector is tried again";
  EXPECT_EQ(resumed(), Names{"p1.png"}) << "a missing file may come";
  test::write_fake_photo(photos_[1].path, 2, 5);
  EXPECT_EQ(resumed(), Names{"p1.png"});
  EXPECT_EQ(report()["images"][0]["status"], "failed");
  EXPECT_EQ(report()["images"][0]["error"]["kind"], "format");
  EXPECT_EQ(report()["images"][1]["status"], "ok");
  test::write_fake_photo(photos_[0].path, 2, 6);
  EXPECT_EQ(resumed(), Names{"p0.png"}) << "mended";
}

TEST_F(Resume, APhotoWithoutItsPictureIsDoneAgain) {
  resumed();
  fs::remove(picture("p4.png"));
  test::write_text(picture("p2.png"), "");
  EXPECT_EQ(resumed(), (Names{"p2.png", "p4.png"}));
  EXPECT_GT(fs::file_size(picture("p2.png")), 0u);
  EXPECT_TRUE(fs::exists(picture("p4.png")));
  fs::remove(picture("p3.png"));
  fs::create_directory(picture("p3.png"));
  EXPECT_EQ(resumed(), Names{"p3.png"});
  fs::remove(picture("p3.png"));
  EXPECT_EQ(report()["images"][3]["status"], "failed");
  EXPECT_EQ(resumed(), Names{"p3.png"}) << "nothing is in the way any more";
  EXPECT_EQ(report()["totals"]["failed"], 0);
}

}  // namespace
}  // namespace pose
