// Published detectors on real photos: runs only where the shared check data lies beside the checkout.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graph/darknet.h"
#include "graph/passes.h"
#include "pose/detect.h"
#include "pose/image.h"
#include "support/files.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

std::unique_ptr<Detector> load_detector(const std::string& folder, const std::string& name,
                                        DetectorOptions options) {
  const DarknetCfg cfg = read_darknet_cfg(test::shared_path(folder + "/" + name + ".cfg"));
  DarknetGraph network = build_darknet(cfg, 0, darknet_style(options.rules));
  const TensorFile weights =
      read_darknet_weights(test::shared_path(folder + "/" + name + ".weights"), network.file_order);
  auto runner = test::make_network(fold_batch_norm(bind_weights(std::move(network.graph), weights)));
  return make_yolo_detector(std::move(runner), network.heads, {cfg.width, cfg.height}, options);
}

DetectorOptions darknet_options() {
  DetectorOptions options;
  options.rules = "darknet";
  options.conf = 0.3f;
  options.nms = 0.45f;
  return options;
}

std::vector<Detection> people_in(Detector& detector, const std::string& photo) {
  const cv::Mat bgr = read_image(test::shared_path("photos/" + photo));
  return detector.detect({detector.prepare(bgr, photo)}, nullptr).at(0);
}

/// Scores this near to the threshold of 0.3 may go either way (JPEG decoders differ by a few grey levels).
constexpr float kUndecided = 0.015f;

TEST(PublishedDetector, FindsTheBoxesOfOpenCvOnRealPhotos) {
  const std::string path = test::shared_path("golden/real_photos.json");
  if (path.empty()) GTEST_SKIP() << "no shared files";
  const json golden = json::parse(test::read_text(path));
  const auto detector = load_detector("models/detector", "yolo-fastest-1.1-xl", darknet_options());
  float worst_score = 0, worst_box = 0;
  for (const json& photo : golden.at("images")) {
    const std::string name = photo.at("file");
    SCOPED_TRACE(name);
    const std::vector<Detection> found = people_in(*detector, name);
    const float width = photo.at("width"), height = photo.at("height");
    EXPECT_EQ(found.size(), photo.at("persons").size());
    for (const json& person : photo.at("persons")) {
      const json& b = person.at("box");
      const float x = b[0], y = b[1], w = b[2], h = b[3], score = person.at("score");
      const Box want{x, y, x + w, y + h};
      const auto best = std::max_element(
          found.begin(), found.end(),
          [&](const Detection& l, const Detection& r) { return iou(l.box, want, 0) < iou(r.box, want, 0); });
      if (best == found.end() || iou(best->box, want, 0) < 0.5f) {
        EXPECT_LT(score, 0.3f + kUndecided) << "not found";
        continue;
      }
      const float off =
          std::max({std::abs(best->box.x1 - want.x1) / width, std::abs(best->box.x2 - want.x2) / width,
                    std::abs(best->box.y1 - want.y1) / height, std::abs(best->box.y2 - want.y2) / height});
      EXPECT_LE(off, 0.005f);
      EXPECT_NEAR(best->score, score, 0.003f);
      worst_box = std::max(worst_box, off);
      worst_score = std::max(worst_score, std::abs(best->score - score));
    }
  }
  RecordProperty("worst_box_of_side", std::to_string(worst_box));
  RecordProperty("worst_score", std::to_string(worst_score));
}

TEST(PublishedDetector, EveryPairRunsWithBothRules) {
  if (test::shared_path("models/detector").empty()) GTEST_SKIP() << "no shared files";
  for (const char* name :
       {"yolo-fastest-1.1-xl", "yolo-fastest-1.1", "yolo-fastest-1.1_body", "MobileNetV2-YOLOv3-Nano-coco"}) {
    for (const char* rules : {"darknet", "alphapose"}) {
      SCOPED_TRACE(std::string(name) + " " + rules);
      DetectorOptions options = darknet_options();
      options.rules = rules;
      const auto detector = load_detector("models/detector", name, options);
      EXPECT_GE(people_in(*detector, "four_skiers.jpg").size(), 3u);
      EXPECT_TRUE(people_in(*detector, "no_person_eagle.jpg").empty());
    }
  }
}

TEST(PublishedDetector, SmallestOneRuns) {
  if (test::shared_path("weight_files/yoloface-50k.weights").empty()) GTEST_SKIP() << "no shared files";
  const auto detector = load_detector("weight_files", "yoloface-50k", darknet_options());
  EXPECT_FALSE(people_in(*detector, "phone_close_up.jpg").empty());  // a face fills much of the photo
}

}  // namespace
}  // namespace pose
