#include "support/fake_models.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <opencv2/core.hpp>
#include <utility>

#include "pose/image.h"

namespace pose::test {

DetectorInput FakeDetector::prepare(const cv::Mat& bgr, const std::string& name) const {
  return {Blob({1}), {bgr.cols, bgr.rows}, name};
}

std::vector<std::vector<Detection>> FakeDetector::detect(const std::vector<DetectorInput>& batch,
                                                         std::vector<DetectorTrace>* traces) {
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

std::vector<Blob> FakeNetwork::forward(const Blob& batch) {
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

FakeModels fake_models() {
  FakeModels fakes;
  auto detector = std::make_unique<FakeDetector>();
  auto network = std::make_unique<FakeNetwork>();
  fakes.detector = detector.get();
  fakes.network = network.get();
  fakes.models.detector = std::move(detector);
  PoseModel& pose = fakes.models.pose;
  pose.network = std::move(network);
  pose.input.width = 48;
  pose.input.height = 64;
  pose.joints = 17;
  pose.skeleton = &skeleton("coco17");
  pose.crop = &crop_method("affine");
  pose.decoder = &decoder("argmax");
  pose.suppressor = &suppressor("none");
  return fakes;
}

void write_fake_photo(const std::string& path, int people, int index) {
  write_image(path, cv::Mat(32, std::max(16 * people, 8), CV_8UC3,
                            cv::Scalar(static_cast<double>(index % 200), 90, 200)));
}

}  // namespace pose::test
