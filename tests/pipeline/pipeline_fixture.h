#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "pose/image.h"
#include "pose/pipeline.h"
#include "support/files.h"

namespace pose {

/// Finds as many people as the photo's width says: width / 16 boxes side by side.
class FakeDetector final : public Detector {
 public:
  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override {
    return {Blob({1}), {bgr.cols, bgr.rows}, name};
  }
  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override {
    batch_sizes.push_back(batch.size());
    std::vector<std::vector<Detection>> found;
    for (const DetectorInput& input : batch) {
      if (fails && fails(input)) throw std::bad_alloc();
      found.emplace_back();
      for (int i = 0; i < input.photo.width / 16; ++i)
        found.back().push_back(
            {{16.0f * static_cast<float>(i), 0, 16.0f * static_cast<float>(i) + 12, 30}, 0.9f, 1, 0});
    }
    if (traces) traces->resize(batch.size());
    if (forgets_one) found.pop_back();
    return found;
  }
  std::vector<std::size_t> batch_sizes;
  std::function<bool(const DetectorInput&)> fails;
  bool forgets_one = false;
};

/// Heatmaps whose peak depends on the crop's pixels alone, so that batching must not matter.
class FakeNetwork final : public Network {
 public:
  std::vector<Blob> forward(const Blob& batch) override {
    batch_sizes.push_back(batch.dim(0));
    if (fail && fail(batch)) throw Error::internal("the network broke");
    if (answer) return {answer(batch)};
    Blob maps({batch.dim(0), 17, 16, 12});
    for (std::int64_t n = 0; n < batch.dim(0); ++n) {
      double sum = 0;
      const Blob crop = batch[n];
      for (std::int64_t i = 0; i < crop.elements(); ++i) sum += crop.data()[i];
      const auto cell = static_cast<std::int64_t>(std::abs(sum)) % (16 * 12);
      for (std::int64_t j = 0; j < 17; ++j) maps[n][j].data()[cell] = value + 0.01f * static_cast<float>(j);
    }
    return {maps};
  }
  std::vector<std::int64_t> batch_sizes;
  std::function<bool(const Blob&)> fail;
  std::function<Blob(const Blob&)> answer;  ///< instead of the usual heatmaps
  float value = 0.5f;
};

class Pipeline : public testing::Test {
 protected:
  Pipeline() {
    auto detector = std::make_unique<FakeDetector>();
    auto network = std::make_unique<FakeNetwork>();
    detector_ = detector.get();
    network_ = network.get();
    models_.detector = std::move(detector);
    PoseModel& pose = models_.pose;
    pose.network = std::move(network);
    pose.input.width = 48;
    pose.input.height = 64;
    pose.joints = 17;
    pose.skeleton = &skeleton("coco17");
    pose.crop = &crop_method("affine");
    pose.decoder = &decoder("argmax");
    pose.suppressor = &suppressor("none");
    options_.output.outdir = folder_ / "out";
    std::filesystem::create_directories(options_.output.outdir);
  }

  /// A photo with `people` people for the fake detector.
  void add_photo(const std::string& name, int people) {
    const std::string path = folder_ / name;
    cv::Mat picture(32, std::max(16 * people, 8), CV_8UC3,
                    cv::Scalar(static_cast<double>(photos_.size() % 200), 90, 200));
    write_image(path, picture);
    photos_.push_back({path, name});
  }

  RunSummary run() {
    RunInfo info;
    info.form = options_.output.format;
    info.boxes_file = options_.output.outdir + "/boxes.json";
    info.photos = photos_.size();
    Journal journal(options_.output.outdir, info, true);
    const RunSummary summary = run_pipeline(photos_, models_, options_, journal, hooks_);
    conclude(journal, options_.output.outdir, !summary.interrupted);
    return summary;
  }

  nlohmann::json report() const {
    return nlohmann::json::parse(test::read_text(options_.output.outdir + "/run.json"));
  }
  std::string results() const { return test::read_text(options_.output.outdir + "/alphapose-results.json"); }

  test::TempFolder folder_;
  std::vector<SourcePhoto> photos_;
  Models models_;
  FakeDetector* detector_;
  FakeNetwork* network_;
  RunOptions options_;
  RunHooks hooks_;
};

}  // namespace pose
