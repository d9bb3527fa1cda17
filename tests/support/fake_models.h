#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pose/pipeline.h"

namespace pose::test {

/// Finds as many people as the photo's width says: width / 16 boxes side by side.
class FakeDetector final : public Detector {
 public:
  DetectorInput prepare(const cv::Mat& bgr, const std::string& name) const override;
  std::vector<std::vector<Detection>> detect(const std::vector<DetectorInput>& batch,
                                             std::vector<DetectorTrace>* traces) override;

  std::vector<std::size_t> batch_sizes;
  std::function<bool(const DetectorInput&)> fails;  ///< then memory runs out
  bool forgets_one = false;                         ///< answers for one photo too few
};

/// Heatmaps whose peak depends on the crop's pixels alone, so that batching must not matter.
class FakeNetwork final : public Network {
 public:
  std::vector<Blob> forward(const Blob& batch) override;

  std::vector<std::int64_t> batch_sizes;
  std::function<bool(const Blob&)> fail;
  std::function<Blob(const Blob&)> answer;  ///< instead of the usual heatmaps
  float value = 0.5f;
};

/// Both, with stages around them that need no files; the models own what the pointers show.
struct FakeModels {
  Models models;
  FakeDetector* detector = nullptr;
  FakeNetwork* network = nullptr;
};
FakeModels fake_models();

/// A photo in which the fake detector finds `people` people, of a colour that `index` gives.
void write_fake_photo(const std::string& path, int people, int index);

}  // namespace pose::test
