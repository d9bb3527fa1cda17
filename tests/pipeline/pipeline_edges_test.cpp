// Where one batch ends and the next begins, what is told and counted of a run, and answers that cannot be.

#include <chrono>
#include <filesystem>
#include <opencv2/core.hpp>
#include <set>
#include <thread>

#include "pipeline/pipeline_fixture.h"
#include "pose/image.h"
#include "pose/log.h"
#include "support/errors.h"

namespace pose {
namespace {

using nlohmann::json;
using test::expect_error;
using test::Pipeline;
namespace fs = std::filesystem;
using Sizes = std::vector<std::size_t>;
using Rows = std::vector<std::int64_t>;

std::size_t stage(Stage s) { return static_cast<std::size_t>(s); }

TEST_F(Pipeline, DetectorBatchesAreFullUntilTheLast) {
  for (int i = 0; i < 7; ++i) add_photo("p" + std::to_string(i) + ".png", 1);
  options_.machine.detbatch = 3;
  run();
  EXPECT_EQ(detector_->batch_sizes, (Sizes{3, 3, 1}));
}

TEST_F(Pipeline, PoseBatchesHoldFourPhotosOrAsManyPeopleAsAllowed) {
  options_.machine.detbatch = 1;
  for (int i = 0; i < 6; ++i) add_photo("p" + std::to_string(i) + ".png", 1);
  run();
  EXPECT_EQ(network_->batch_sizes, (Rows{4, 2}));
  network_->batch_sizes.clear();
  options_.machine.posebatch = 2;
  run();
  EXPECT_EQ(network_->batch_sizes, (Rows{2, 2, 2}));
  network_->batch_sizes.clear();
  options_.machine.posebatch = 3;
  run();
  EXPECT_EQ(network_->batch_sizes, (Rows{3, 3}));
}

TEST_F(Pipeline, WhatDoesNotFillABatchGoesInPowersOfTwo) {
  options_.machine.posebatch = 8;
  add_photo("a.png", 7);
  run();
  EXPECT_EQ(network_->batch_sizes, (Rows{4, 2, 1}));
  network_->batch_sizes.clear();
  photos_.clear();
  add_photo("b.png", 12);
  run();
  EXPECT_EQ(network_->batch_sizes, (Rows{8, 4}));
}

TEST_F(Pipeline, SecondsAreSharedAndAddUp) {
  for (int i = 0; i < 6; ++i) add_photo("p" + std::to_string(i) + ".png", 2);
  const auto nap = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  network_->fail = [&](const Blob&) { return nap(), false; };
  bool first = true;
  detector_->fails = [&](const DetectorInput&) {
    if (std::exchange(first, false)) nap();
    return false;
  };
  options_.machine.detbatch = 6;
  options_.output.save_img = true;
  double told = 0;
  hooks_.on_photo = [&](const PhotoRecord& photo, std::size_t, std::size_t) { told += photo.seconds; };
  const RunSummary summary = run();
  const double naps = 0.02 * static_cast<double>(network_->batch_sizes.size());
  EXPECT_GE(summary.stage_seconds[stage(Stage::kPose)], naps);
  EXPECT_LE(summary.stage_seconds[stage(Stage::kPose)], summary.seconds);
  EXPECT_GE(summary.stage_seconds[stage(Stage::kDetect)], 0.02);
  EXPECT_LE(summary.stage_seconds[stage(Stage::kDetect)], summary.seconds);
  double sum = 0;
  for (const double seconds : summary.stage_seconds) {
    EXPECT_GT(seconds, 0);
    sum += seconds;
  }
  EXPECT_NEAR(told, sum, 1e-9);
}

TEST_F(Pipeline, EachPhotoIsToldWithItsCountAndItsFacts) {
  add_photo("a.png", 2);
  add_photo("b.png", 0);
  test::write_text(folder_ / "bad.png", "no picture");
  photos_.push_back({folder_ / "bad.png", "bad.png"});
  std::vector<PhotoRecord> told;
  hooks_.on_photo = [&](const PhotoRecord& photo, std::size_t done, std::size_t total) {
    EXPECT_EQ(done, told.size() + 1);
    EXPECT_EQ(total, 3u);
    told.push_back(photo);
  };
  const RunSummary summary = run();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].path, folder_ / "a.png");
  EXPECT_EQ(told[0].size.width, 32);
  EXPECT_EQ(told[0].size.height, 32);
  EXPECT_EQ(told[0].file.bytes, static_cast<std::int64_t>(fs::file_size(folder_ / "a.png")));
  EXPECT_EQ(told[0].boxes.size(), 2u);
  EXPECT_EQ(told[0].people.size(), 2u);
  EXPECT_EQ(told[1].index, 1u);
  EXPECT_TRUE(told[1].ok());
  EXPECT_EQ(told[2].size.width, 0);
  EXPECT_EQ(told[2].seconds, 0);
  EXPECT_FALSE(told[2].ok());
  EXPECT_EQ(summary.photos, 3u);
  EXPECT_FALSE(summary.interrupted);
}

TEST_F(Pipeline, PeopleKnowTheirBox) {
  add_photo("a.png", 3);
  const std::vector<Person> people = estimate_people(read_image(photos_[0].path), models_, 2);
  ASSERT_EQ(people.size(), 3u);
  std::set<int> indices;
  for (const Person& person : people) {
    indices.insert(person.index);
    EXPECT_EQ(person.merged, std::vector<int>{person.index});
    EXPECT_EQ(person.detection.box.x1, 16.0f * static_cast<float>(person.index));
    EXPECT_EQ(person.detection.score, 0.9f);
    EXPECT_GT(person.area, 0);
    EXPECT_EQ(person.joints.size(), 17u);
  }
  EXPECT_EQ(indices, (std::set<int>{0, 1, 2}));
  EXPECT_EQ(network_->batch_sizes, (Rows{2, 1}));
}

TEST_F(Pipeline, AFailedPictureLeavesNoPeopleInTheSummaryButInTheRecord) {
  add_photo("a.png", 2);
  options_.output.save_img = true;
  test::write_text(options_.output.outdir + "/vis", "");
  std::size_t told = 0;
  hooks_.on_photo = [&](const PhotoRecord& photo, std::size_t, std::size_t) { told = photo.people.size(); };
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 1u);
  EXPECT_TRUE(summary.failed[0].people.empty());
  EXPECT_TRUE(summary.failed[0].boxes.empty());
  EXPECT_EQ(told, 2u);
  EXPECT_EQ(summary.people, 2u);
}

TEST_F(Pipeline, OnlyTwentyFaultsAreToldOneByOne) {
  options_.output.format = "coco-eval";
  add_photo("1.png", 0);
  std::vector<std::string> told;
  set_log_sink([&](LogLevel, std::string_view message) { told.emplace_back(message); });
  for (int i = 0; i < 20; ++i) photos_.push_back({folder_ / "1.png", "x" + std::to_string(i) + "y.png"});
  EXPECT_EQ(run().failed.size(), 20u);
  EXPECT_EQ(told.size(), 20u);
  EXPECT_EQ(told[0].find("cannot write results of " + folder_ / "1.png: "), 0u) << told[0];
  told.clear();
  for (int i = 20; i < 23; ++i) photos_.push_back({folder_ / "1.png", "x" + std::to_string(i) + "y.png"});
  EXPECT_EQ(run().failed.size(), 23u);
  ASSERT_EQ(told.size(), 21u);
  EXPECT_EQ(told[20], "nor of 3 more photos (see run.json)");
  told.clear();
  options_.output.format = "coco";
  options_.output.save_img = true;
  photos_ = {photos_[0], photos_[0]};
  run();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].find("cannot write the picture of "), 0u) << told[0];
  set_log_sink({});
}

TEST_F(Pipeline, AnswersThatCannotBeAreTheNetworksFault) {
  add_photo("a.png", 1);
  const auto message = [&](std::vector<std::int64_t> shape) {
    network_->answer = [shape](const Blob&) { return Blob(shape); };
    const RunSummary summary = run();
    return summary.failed.empty() ? std::string() : summary.failed[0].error->what();
  };
  EXPECT_EQ(message({1, 17, 16, 12}), "");
  EXPECT_EQ(message({1, 18, 16, 12}), "") << "the first 17 are the joints";
  for (const std::vector<std::int64_t>& shape :
       {Rows{1, 16, 16, 12}, Rows{2, 17, 16, 12}, Rows{1, 17, 192}, Rows{1, 17, 16, 12, 1}})
    EXPECT_NE(message(shape).find("no heatmaps for 17 joints"), std::string::npos) << message(shape);
  network_->answer = nullptr;
  detector_->forgets_one = true;
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 1u);
  EXPECT_STREQ(summary.failed[0].error->what(), "the detector answers for 0 of 1 photos");
}

TEST_F(Pipeline, TheSecondHalfOfAFlipTestSeesTheMirroredCropsAndIsCheckedToo) {
  add_photo("a.png", 2);
  cv::Mat picture(32, 32, CV_8UC3, cv::Scalar(0, 0, 0));
  picture.colRange(0, 9).setTo(cv::Scalar(255, 255, 255));
  write_image(folder_ / "a.png", picture);
  models_.pose.flip = FlipTest::kOn;
  std::vector<Blob> seen;
  network_->fail = [&](const Blob& batch) { return seen.push_back(batch), false; };
  run();
  ASSERT_EQ(seen.size(), 2u);
  const std::int64_t width = 48;
  std::int64_t different = 0;
  for (std::int64_t row = 0; row < seen[0].elements(); row += width)
    for (std::int64_t x = 0; x < width; ++x) {
      ASSERT_EQ(seen[1].data()[row + x], seen[0].data()[row + width - 1 - x]) << row << " " << x;
      different += seen[1].data()[row + x] != seen[0].data()[row + x];
    }
  EXPECT_GT(different, 0);
  int calls = 0;
  network_->answer = [&](const Blob& batch) { return Blob({batch.dim(0), ++calls % 2 ? 17 : 16, 16, 12}); };
  EXPECT_EQ(run().failed.size(), 1u);
}

TEST_F(Pipeline, PhotosWithoutPeopleDoNotExcuseThePoseNetwork) {
  options_.machine.detbatch = 1;
  for (int i = 0; i < 24; ++i) add_photo("p" + std::to_string(i) + ".png", i % 8 == 0 ? 1 : 0);
  network_->fail = [](const Blob&) { return true; };
  expect_error(ErrorKind::kInternal, "the pose network failed for three photos in a row, the last time",
               [&] { run(); });
  EXPECT_EQ(finish_run(options_.output.outdir).failed, 2u);
}

TEST_F(Pipeline, PhotosThatCannotBeReadDoNotExcuseTheDetector) {
  options_.machine.detbatch = 1;
  for (int i = 0; i < 3; ++i) {
    add_photo("p" + std::to_string(i) + ".png", 1);
    photos_.push_back({folder_ / "missing.png", "missing" + std::to_string(i) + ".png"});
  }
  detector_->fails = [](const DetectorInput&) { return true; };
  expect_error(ErrorKind::kMemory, "the detector failed for three photos in a row", [&] { run(); });
}

TEST_F(Pipeline, StagesAreTracedOnlyWhereTheyAreDumped) {
  add_photo("a.png", 2);
  std::vector<bool> traced;
  struct Watched final : Detector {
    Watched(Detector& real, std::vector<bool>& traced) : real_(real), traced_(traced) {}
    DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
      return real_.prepare(bgr, name);
    }
    std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                               std::vector<DetectorTrace>* traces) override {
      traced_.push_back(traces != nullptr);
      return real_.detect(batch, traces);
    }
    Detector& real_;
    std::vector<bool>& traced_;
  };
  const std::unique_ptr<Detector> real = std::move(models_.detector);
  models_.detector = std::make_unique<Watched>(*real, traced);
  run();
  options_.output.dump_stages = folder_ / "stages";
  run();
  EXPECT_EQ(traced, (std::vector<bool>{false, true}));
}

TEST_F(Pipeline, PicturesAreDrawnInTheStyleThatWasAskedFor) {
  add_photo("a.png", 3);
  options_.output.save_img = true;
  const auto drawn = [&] {
    run();
    return test::read_text(options_.output.outdir + "/vis/a.png");
  };
  const std::string usual = drawn();
  EXPECT_NE(usual, test::read_text(folder_ / "a.png"));
  options_.output.vis_style = "alphapose-fast";
  const std::string fast = drawn();
  EXPECT_NE(fast, usual);
  options_.output.vis_style = "pose";
  options_.output.vis_fast = true;
  EXPECT_EQ(drawn(), fast);
}

TEST_F(Pipeline, WithoutPicturesThereIsNoFolderForThem) {
  add_photo("a.png", 1);
  run();
  EXPECT_FALSE(fs::exists(options_.output.outdir + "/vis"));
}

TEST_F(Pipeline, MatchingTakesThePlaceOfPoseNms) {
  add_photo("a.png", 2);
  models_.pose.crop = &crop_method("alphapose");
  const cv::Mat picture = read_image(photos_[0].path);
  EXPECT_EQ(estimate_people(picture, models_, 80).size(), 2u);
  models_.pose.matching = true;
  EXPECT_TRUE(estimate_people(picture, models_, 80).empty()) << "all joints in one place are no person";
}

TEST_F(Pipeline, WithoutAPoseNetworkBoxesAreAllThatIsFound) {
  add_photo("a.png", 2);
  add_photo("b.png", 0);
  run();
  const std::string boxes = test::read_text(options_.output.outdir + "/boxes.json");
  models_.pose = {};
  options_.output.save_img = true;
  options_.output.format = "boxes";
  const RunSummary summary = run();
  EXPECT_TRUE(summary.failed.empty());
  EXPECT_EQ(summary.people, 0u);
  EXPECT_EQ(results(), boxes);
  const cv::Mat picture = read_image(options_.output.outdir + "/vis/a.png");
  EXPECT_GT(cv::norm(picture, read_image(folder_ / "a.png"), cv::NORM_INF), 0) << "boxes are drawn";
}

}  // namespace
}  // namespace pose
