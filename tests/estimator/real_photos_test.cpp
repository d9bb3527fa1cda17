// The published small detector and PP-TinyPose on real photos, against what OpenCV's dnn and PyTorch made of
// them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "estimator/load_models.h"
#include "pipeline/stages.h"
#include "pose/estimator.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

ModelOptions options() {
  ModelOptions run;
  run.det_cfg = test::shared_path("models/detector/yolo-fastest-1.1-xl.cfg");
  run.det_weights = test::shared_path("models/detector/yolo-fastest-1.1-xl.weights");
  run.det_rules = "darknet";
  run.conf = 0.3;
  run.nms = 0.45;
  run.models_dir = {test::data_path("../../models")};
  run.pose_model = "tinypose-256x192";
  run.pose_weights = test::shared_path("models/pose/tinypose_256x192.torchscript.pt");
  run.pose_nms = "none";
  return run;
}

Box box_of(const json& person) {
  const auto b = person["box"].get<std::vector<float>>();  // x, y, w, h
  return {b[0], b[1], b[0] + b[2], b[1] + b[3]};
}

/// How the joints of all photos compare: most agree, a few jump by half a cell where neighbours are nearly
/// equal.
struct Tally {
  int joints = 0, off = 0;
  double worst_peak = 0;
};

void compare_person(const std::vector<Joint>& joints, const json& expected, Tally& tally) {
  const double cell = expected["crop_size"][0].get<double>() / 48;
  for (std::size_t k = 0; k < joints.size(); ++k) {
    const json& e = expected["keypoints"][k];
    if (e[2].get<double>() <= 0.3) continue;  // where there is no clear peak any place is a guess
    ++tally.joints;
    const double distance = std::hypot(joints[k].x - e[0].get<double>(), joints[k].y - e[1].get<double>());
    tally.off += distance > std::max(1.5, 0.3 * cell);
    EXPECT_LE(distance, std::max(1.5, 1.5 * cell)) << "joint " << k;
    tally.worst_peak = std::max(tally.worst_peak, std::abs(joints[k].score - e[2].get<double>()));
  }
}

TEST(RealPhotos, JointsAreThoseOfTheTeachersOwnRun) {
  const std::string golden = test::shared_path("golden/real_photos.json");
  if (golden.empty() || options().pose_weights.empty()) GTEST_SKIP() << "the photos and models are not here";
  const ModelOptions run = options();
  MachineOptions machine;
  machine.threads = 1;
  Models models = load_models(choose_models(run), run, machine);
  Tally tally;
  const json expected = json::parse(test::read_text(golden));
  for (const json& image : expected["images"]) {
    SCOPED_TRACE(image["file"].get<std::string>());
    const std::string name = image["file"].get<std::string>();
    const Photo photo =
        load_photo({test::shared_path("photos/" + name), name}, *models.detector, kDefaultMaxPixels);
    ASSERT_EQ(photo.image.cols, image["width"].get<int>());
    ASSERT_EQ(photo.image.rows, image["height"].get<int>());
    const DetectedPhoto detected = detect_people({photo}, *models.detector, false).front();
    const CroppedPhoto cropped = plan_crops(detected, models.pose);
    const std::vector<Person> decoded =
        solve_poses(compute_heatmaps({cropped}, models.pose, 8).front(), models.pose).decoded;
    const double side = std::max(photo.image.cols, photo.image.rows);
    for (const json& person : image["persons"]) {
      const Box box = box_of(person);
      const auto best =
          std::max_element(decoded.begin(), decoded.end(), [&](const Person& a, const Person& b) {
            return iou(a.detection.box, box, 0) < iou(b.detection.box, box, 0);
          });
      const bool unsure = person["score"].get<double>() < 0.313;  // may go either way
      if (best == decoded.end() || iou(best->detection.box, box, 0) < 0.8) {
        EXPECT_TRUE(unsure) << "a person is missing, score " << person["score"];
        continue;
      }
      const Box& found = best->detection.box;
      for (const float d : {found.x1 - box.x1, found.y1 - box.y1, found.x2 - box.x2, found.y2 - box.y2})
        EXPECT_LE(std::abs(d), 0.005 * side);
      EXPECT_NEAR(best->detection.score, person["score"].get<double>(), 0.003);
      compare_person(best->joints, person, tally);
    }
    EXPECT_LE(decoded.size(), image["persons"].size() + 2);
  }
  EXPECT_GT(tally.joints, 1500);
  EXPECT_LE(tally.off, 0.04 * tally.joints) << "joints that are off by half a cell or more";
  EXPECT_LE(tally.worst_peak, 0.06);
  RecordProperty("joints", tally.joints);
  RecordProperty("off", tally.off);
}

TEST(Estimator, RefusesPicturesThatReadImageNeverGives) {
  ModelOptions models;
  models.models_dir = {test::data_path("../../models")};
  Estimator estimator(models);
  for (const cv::Mat& wrong :
       {cv::Mat(), cv::Mat(64, 64, CV_8UC1), cv::Mat(64, 64, CV_8UC4), cv::Mat(64, 64, CV_32FC3)})
    test::expect_error(ErrorKind::kUsage, "three channels (BGR)", [&] { estimator.estimate(wrong); });
}

}  // namespace
}  // namespace pose
