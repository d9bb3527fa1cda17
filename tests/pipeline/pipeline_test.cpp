// The chain with networks that replay numbers: order, batching, failures, stopping.

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "pipeline/pipeline_fixture.h"
#include "pose/image.h"

namespace pose {
namespace {

using nlohmann::json;
using test::Pipeline;
namespace fs = std::filesystem;

TEST_F(Pipeline, ResultsComeInTheOrderOfTheInput) {
  for (int i = 0; i < 23; ++i) add_photo("p" + std::to_string(i) + ".png", i % 4);
  std::vector<std::string> seen;
  hooks_.on_photo = [&](const PhotoRecord& photo, std::size_t, std::size_t) { seen.push_back(photo.name); };
  const RunSummary summary = run();
  ASSERT_EQ(seen.size(), 23u);
  const json images = report()["images"];
  std::size_t people = 0;
  for (std::size_t i = 0; i < 23; ++i) {
    EXPECT_EQ(seen[i], photos_[i].name);
    EXPECT_EQ(images[i]["name"], photos_[i].name);
    EXPECT_EQ(images[i]["people"], i % 4);
    people += i % 4;
  }
  EXPECT_EQ(summary.people, people);
  EXPECT_EQ(json::parse(results()).size(), people);
  EXPECT_EQ(json::parse(test::read_text(options_.output.outdir + "/boxes.json")).size(), people);
}

TEST_F(Pipeline, BatchSizesDoNotChangeResults) {
  for (int i = 0; i < 12; ++i) add_photo("p" + std::to_string(i) + ".png", (i * 7) % 5);
  run();
  const std::string expected = results();
  for (const int posebatch : {1, 3, 80}) {
    for (const int detbatch : {1, 5, 40}) {
      options_.machine.posebatch = posebatch;
      options_.machine.detbatch = detbatch;
      network_->batch_sizes.clear();
      run();
      EXPECT_EQ(results(), expected) << posebatch << " " << detbatch;
      for (const std::int64_t size : network_->batch_sizes) EXPECT_LE(size, posebatch);
    }
  }
}

TEST_F(Pipeline, WhereMemoryIsShortNobodySharesABatch) {
  for (int i = 0; i < 4; ++i) add_photo("p" + std::to_string(i) + ".png", 3);
  run();
  const std::string expected = results();
  options_.machine.small_memory = true;
  network_->batch_sizes.clear();
  run();
  EXPECT_EQ(results(), expected);
  ASSERT_FALSE(network_->batch_sizes.empty());
  for (const std::int64_t size : network_->batch_sizes) EXPECT_EQ(size, 1);
}

TEST_F(Pipeline, PeopleOfSeveralPhotosShareABatch) {
  for (int i = 0; i < 8; ++i) add_photo("p" + std::to_string(i) + ".png", 1);
  run();
  EXPECT_LT(network_->batch_sizes.size(), 8u);
}

TEST_F(Pipeline, BatchSizesAreFewHoweverManyPeopleThereAre) {
  for (int people = 1; people <= 7; ++people) add_photo("p" + std::to_string(people) + ".png", people);
  options_.machine.posebatch = 5;
  run();
  for (const std::int64_t size : network_->batch_sizes)
    EXPECT_TRUE(size == 1 || size == 2 || size == 4 || size == 5) << size;
}

TEST_F(Pipeline, APhotoThatCannotBeReadIsReportedAndTheOthersGoOn) {
  add_photo("a.png", 1);
  test::write_text(folder_ / "bad.jpg", "no picture");
  photos_.push_back({folder_ / "bad.jpg", "bad.jpg"});
  photos_.push_back({folder_ / "missing.jpg", "missing.jpg"});
  add_photo("b.png", 2);
  options_.output.save_img = true;
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 2u);
  EXPECT_EQ(summary.failed[0].name, "bad.jpg");
  EXPECT_EQ(summary.failed[1].error->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(report()["images"][1]["status"], "failed");
  EXPECT_EQ(json::parse(results()).size(), 3u);
  EXPECT_TRUE(fs::exists(options_.output.outdir + "/vis/a.png"));
  EXPECT_TRUE(fs::exists(options_.output.outdir + "/vis/b.png"));
  EXPECT_FALSE(fs::exists(options_.output.outdir + "/vis/bad.jpg"));
}

TEST_F(Pipeline, APictureThatCannotBeWrittenDoesNotCostTheJoints) {
  add_photo("a.png", 1);
  options_.output.save_img = true;
  fs::create_directories(options_.output.outdir);
  test::write_text(options_.output.outdir + "/vis", "a file where the folder should be");
  const RunSummary summary = run();
  EXPECT_EQ(summary.failed.size(), 1u);
  EXPECT_EQ(json::parse(results()).size(), 1u);
}

TEST_F(Pipeline, ANetworkThatFailsForThreePhotosInARowEndsTheRunButKeepsWhatIsDone) {
  for (int i = 0; i < 20; ++i) add_photo("p" + std::to_string(i) + ".png", i < 4 ? 0 : 1);
  network_->fail = [](const Blob&) { return true; };
  try {
    run();
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("three photos in a row"), std::string::npos) << e.what();
  }
  EXPECT_FALSE(fs::exists(options_.output.outdir + "/run.json"));
  const JournalCount count = finish_run(options_.output.outdir);
  EXPECT_GE(count.photos, 4u);
  EXPECT_LE(count.failed, 2u);
  EXPECT_EQ(report()["interrupted"], true);
  EXPECT_EQ(results(), "[]");
}

TEST_F(Pipeline, OnlyThePhotoFailsForWhichTheNetworkDoes) {
  for (int i = 0; i < 12; ++i) add_photo("p" + std::to_string(i) + ".png", 2);
  run();
  const json expected = json::parse(results());
  // Photo 5 alone is of this colour; it shares its batch with others.
  const float guilty = 5.0f / 255;
  network_->fail = [&](const Blob& batch) {
    for (std::int64_t n = 0; n < batch.dim(0); ++n) {
      const float blue = batch[n][2].data()[32 * 48 + 24];  // in the middle of the crop
      if (std::abs(blue - guilty) < 1e-6f) return true;
    }
    return false;
  };
  for (const int posebatch : {1, 3, 80}) {
    options_.machine.posebatch = posebatch;
    const RunSummary summary = run();
    ASSERT_EQ(summary.failed.size(), 1u) << posebatch;
    EXPECT_EQ(summary.failed[0].name, "p5.png");
    json left = expected;
    left.erase(10);
    left.erase(10);
    EXPECT_EQ(json::parse(results()), left) << posebatch;
  }
}

TEST_F(Pipeline, OnlyThePhotoFailsForWhichTheDetectorDoes) {
  for (int i = 0; i < 9; ++i) add_photo("p" + std::to_string(i) + ".png", 1 + i % 3);
  detector_->fails = [](const DetectorInput& input) { return input.name == "p4.png"; };
  for (const int detbatch : {1, 4, 40}) {
    options_.machine.detbatch = detbatch;
    const RunSummary summary = run();
    ASSERT_EQ(summary.failed.size(), 1u) << detbatch;
    EXPECT_EQ(summary.failed[0].name, "p4.png");
    EXPECT_EQ(summary.failed[0].error->kind(), ErrorKind::kMemory);
  }
}

TEST_F(Pipeline, ADetectorThatFailsNowAndThenDoesNotEndTheRun) {
  for (int i = 0; i < 12; ++i) add_photo("p" + std::to_string(i) + ".png", 1);
  detector_->fails = [](const DetectorInput& input) {
    return input.name != "p5.png" && input.name.size() == 6 && (input.name[1] - '0') % 3 != 0;
  };
  EXPECT_EQ(run().failed.size(), 5u) << "two in a row at most: 1 2, 4, 7 8";
}

TEST_F(Pipeline, HeatmapsThatAreNoNumbersAreAFailureWithAName) {
  add_photo("a.png", 1);
  network_->value = std::numeric_limits<float>::quiet_NaN();
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 1u);
  EXPECT_NE(std::string(summary.failed[0].error->what()).find("no numbers"), std::string::npos);
  EXPECT_EQ(results(), "[]");
}

TEST_F(Pipeline, NamesThatCannotBeWrittenFailBeforeTheNetworksRun) {
  options_.output.format = "coco-eval";
  add_photo("0001.png", 1);
  add_photo("holiday.png", 1);
  add_photo("0002.png", 1);
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 1u);
  EXPECT_EQ(summary.failed[0].name, "holiday.png");
  EXPECT_EQ(json::parse(results()).size(), 2u);
  photos_ = {photos_[1]};
  EXPECT_THROW(run(), Error) << "nothing to do";
}

TEST_F(Pipeline, TwoPicturesOfOneNameAndFoldersInTheWayAreFailuresOfTheirPhotosOnly) {
  add_photo("a.png", 1);
  photos_.push_back({folder_ / "a.png", "b.gif"});
  photos_.push_back({folder_ / "a.png", "b.gif.jpg"});
  photos_.push_back({folder_ / "a.png", "folder.png"});
  photos_.push_back({folder_ / "a.png", "file/c.png"});
  photos_.push_back({folder_ / "a.png", std::string(252, 'x') + ".png"});
  options_.output.save_img = true;
  fs::create_directories(options_.output.outdir + "/vis/folder.png");
  test::write_text(options_.output.outdir + "/vis/file", "");
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 4u);
  EXPECT_EQ(summary.failed[0].name, "b.gif.jpg");
  EXPECT_EQ(json::parse(results()).size(), 6u) << "the joints are there all the same";
}

TEST_F(Pipeline, AStopFinishesWhatIsInHand) {
  for (int i = 0; i < 60; ++i) add_photo("p" + std::to_string(i) + ".png", 1);
  std::atomic<bool> stop{false};
  hooks_.stop = &stop;
  hooks_.on_photo = [&](const PhotoRecord&, std::size_t done, std::size_t) {
    if (done == 5) stop = true;
  };
  const RunSummary summary = run();
  EXPECT_TRUE(summary.interrupted);
  EXPECT_GE(summary.photos, 5u);
  EXPECT_LT(summary.photos, 60u);
  EXPECT_EQ(report()["images"].size(), summary.photos);
  EXPECT_EQ(json::parse(results()).size(), summary.people);
}

TEST_F(Pipeline, NobodyAnywhereIsAnEmptyListAndUntouchedPictures) {
  add_photo("a.png", 0);
  options_.output.save_img = true;
  run();
  EXPECT_EQ(results(), "[]");
  EXPECT_EQ(cv::norm(read_image(folder_ / "a.png"), read_image(options_.output.outdir + "/vis/a.png"),
                     cv::NORM_INF),
            0);
  EXPECT_TRUE(network_->batch_sizes.empty());
}

TEST_F(Pipeline, NoPhotosAreAnEmptyList) {
  const RunSummary summary = run();
  EXPECT_EQ(summary.photos, 0u);
  EXPECT_EQ(results(), "[]");
}

TEST_F(Pipeline, StagesAreDumpedPerPhoto) {
  add_photo("a.png", 2);
  options_.output.dump_stages = folder_ / "stages";
  run();
  for (const char* file :
       {"boxes_before_nms.json", "boxes.json", "crops.json", "heatmaps.npy", "decoded.json", "people.json"})
    EXPECT_TRUE(fs::exists(options_.output.dump_stages + "/a.png/" + file)) << file;
}

TEST_F(Pipeline, OnePictureGivesTheSamePeopleAsARun) {
  add_photo("a.png", 3);
  run();
  const std::vector<Person> people = estimate_people(read_image(photos_[0].path), models_, 80);
  const json expected = json::parse(results());
  ASSERT_EQ(people.size(), expected.size());
  for (std::size_t i = 0; i < people.size(); ++i)
    EXPECT_EQ(people[i].joints[3].x, expected[i]["keypoints"][9].get<float>());
}

TEST_F(Pipeline, FlipTestRunsTheNetworkTwice) {
  add_photo("a.png", 1);
  models_.pose.flip = FlipTest::kShift;
  run();
  EXPECT_EQ(network_->batch_sizes.size(), 2u);
}

}  // namespace
}  // namespace pose
