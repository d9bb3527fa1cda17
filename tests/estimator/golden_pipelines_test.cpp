// Whole chains on seeded networks: a picture goes in at one end, the reference's people come out at the
// other.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "detect/given_boxes.h"
#include "graph/architectures.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "pipeline/stages.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using nlohmann::json;

std::unique_ptr<Network> seeded_network(Graph graph, double gain) {
  return test::make_network(fold_batch_norm(test::seeded_graph(std::move(graph), gain)));
}

double number(const json& value) { return (value.is_array() ? value[0] : value).get<double>(); }

Blob stacked(const std::vector<Blob>& maps, std::int64_t channels) {
  Blob all({static_cast<std::int64_t>(maps.size()), channels, maps[0].dim(1), maps[0].dim(2)});
  for (std::size_t i = 0; i < maps.size(); ++i) {
    Blob target = all[static_cast<std::int64_t>(i)];
    std::copy(maps[i].data(), maps[i].data() + target.elements(), target.data());
  }
  return all;
}

/// Blocks of 20 x 20 pixels, one colour each.
cv::Mat alphapose_picture(const json& golden) {
  const int width = golden["width"], height = golden["height"];
  const std::vector<double> u = test::seeded_uniform(golden["picture_key"].get<std::string>(), 12 * 22 * 3);
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        picture.at<cv::Vec3b>(y, x)[c] = static_cast<std::uint8_t>(
            std::floor(256 * u[static_cast<std::size_t>(((y / 20) * 22 + x / 20) * 3 + c)]));
  return picture;
}

TEST(AlphaPosePipeline, DetectorFindsTheReferencesBoxes) {
  const json golden = test::golden("alphapose_pipeline.json");
  const cv::Mat picture = alphapose_picture(golden);
  DarknetGraph darknet = build_darknet(read_darknet_cfg(test::data_path("../../models/yolov3-spp.cfg")),
                                       golden["inp_dim"], DarknetStyle::kAlphaPose);
  DetectorOptions options;
  options.conf = golden["conf"];
  const int side = golden["inp_dim"];
  const auto detector = make_yolo_detector(seeded_network(std::move(darknet.graph), golden["gain"]),
                                           darknet.heads, {side, side}, options);
  const std::vector<Detection> found = detector->detect({detector->prepare(picture, "")}, nullptr).at(0);
  const json& expected = golden["detected"];
  ASSERT_EQ(found.size(), expected["boxes"].size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].box.x1, expected["boxes"][i][0].get<double>(), 1e-2);
    EXPECT_NEAR(found[i].box.y1, expected["boxes"][i][1].get<double>(), 1e-2);
    EXPECT_NEAR(found[i].box.x2, expected["boxes"][i][2].get<double>(), 1e-2);
    EXPECT_NEAR(found[i].box.y2, expected["boxes"][i][3].get<double>(), 1e-2);
    EXPECT_NEAR(found[i].score, number(expected["scores"][i]), 1e-4);
  }
}

TEST(AlphaPosePipeline, PeopleAreTheReferences) {
  const json golden = test::golden("alphapose_pipeline.json");
  PoseModel model;
  model.input.width = 256;
  model.input.height = 320;
  model.input.mean = {0.406, 0.457, 0.480};
  model.joints = 17;
  model.skeleton = &skeleton("coco17");
  model.crop = &crop_method("alphapose");
  model.decoder = &decoder("alphapose");
  model.suppressor = &suppressor("parametric");
  model.network = seeded_network(build_fastpose({"", {{"depth", {101}}}, 320, 256, 33}), golden["gain"]);

  CroppedPhoto photo;
  photo.image = alphapose_picture(golden);
  const Size size{photo.image.cols, photo.image.rows};
  for (std::size_t i = 0; i < golden["boxes"].size(); ++i) {
    const auto b = golden["boxes"][i].get<std::vector<float>>();
    photo.boxes.push_back({{b[0], b[1], b[2], b[3]}, golden["scores"][i].get<float>(), 1, 0});
    photo.crops.push_back(model.crop->plan(photo.boxes.back().box, size, model.input));
    Blob pixels({3, 320, 256});
    Cropper(photo.image, model.input).cut(photo.crops.back(), pixels.data());
    test::expect_summary(pixels, golden["crops"][i], {1e-4, 0, 1e-4}, "crop");
  }
  const HeatmapPhoto with_heatmaps = compute_heatmaps({photo}, model, 2).front();
  test::expect_summary(stacked(with_heatmaps.heatmaps, 17), golden["heatmaps"], {1e-3, 0, 1e-4}, "heatmaps");
  const std::vector<Person> people = solve_poses(with_heatmaps, model).people;
  const json& expected = golden["final_result"];
  ASSERT_EQ(people.size(), expected.size());
  for (std::size_t n = 0; n < expected.size(); ++n) {
    const Person& person = people[n];
    EXPECT_NEAR(person.score, number(expected[n]["proposal_score"]), 1e-3);
    for (std::size_t k = 0; k < 17; ++k) {
      EXPECT_NEAR(person.joints[k].x, expected[n]["keypoints"][k][0].get<double>(), 1e-3);
      EXPECT_NEAR(person.joints[k].y, expected[n]["keypoints"][k][1].get<double>(), 1e-3);
      EXPECT_NEAR(person.joints[k].score, number(expected[n]["kp_score"][k]), 1e-3);
    }
  }
}

/// The seeded picture made smooth: to 40 x 30 and back.
cv::Mat hrnet_picture(const json& golden) {
  std::vector<std::uint8_t> bytes = test::seeded_picture(golden["image_key"].get<std::string>(), 640, 480);
  cv::Mat small, picture;
  cv::resize(cv::Mat(480, 640, CV_8UC3, bytes.data()), small, {40, 30}, 0, 0, cv::INTER_AREA);
  cv::resize(small, picture, {640, 480}, 0, 0, cv::INTER_CUBIC);
  return picture;
}

ArchitectureSpec spec_of(const std::string& name, std::int64_t width, std::int64_t height,
                         std::string& architecture) {
  architecture = name.find("resnet") != std::string::npos ? "pose-resnet" : "hrnet";
  if (name.rfind("hrnet_small", 0) == 0)
    return {"", {{"width", {8}}, {"modules", {1, 1, 1}}, {"blocks", {1}}}, height, width, 17};
  if (architecture == "pose-resnet") return {"", {{"depth", {50}}}, height, width, 17};
  return {"", {}, height, width, 17};
}

/// A file for `--detfile` of `[x, y, w, h, score]`, with their digits.
std::string boxes_file(const json& boxes) {
  json list = json::array();
  for (const json& b : boxes)
    list.push_back({{"image_id", 7}, {"bbox", {b[0], b[1], b[2], b[3]}}, {"score", b[4]}});
  return list.dump();
}

TEST(HrnetPipeline, PeopleAreTheReferences) {
  const json golden = test::golden("hrnet_pipeline.json");
  const cv::Mat picture = hrnet_picture(golden);
  for (const json& c : golden["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    PoseModel model;
    model.input.width = c["input_size"][0];
    model.input.height = c["input_size"][1];
    model.input.rgb = c["color_rgb"];
    model.input.mean = {0.485, 0.456, 0.406};
    model.input.std = {0.229, 0.224, 0.225};
    model.joints = 17;
    model.skeleton = &skeleton("coco17");
    model.decoder = &decoder("quarter-shift");
    model.suppressor = &suppressor("oks");
    model.flip = c["flip_test"].get<bool>() ? FlipTest::kShift : FlipTest::kOff;
    std::string architecture_name;
    const ArchitectureSpec spec =
        spec_of(c["name"], model.input.width, model.input.height, architecture_name);
    model.network = seeded_network(architecture(architecture_name).build(spec), c["gain"]);

    model.crop = &crop_method("affine");
    const GivenBoxes given = parse_given_boxes(boxes_file(golden["boxes_xywh_score"]), "boxes.json", 0);
    DetectedPhoto detected;
    detected.image = picture;
    detected.boxes = *given.find("7.jpg");
    const CroppedPhoto photo = plan_crops(detected, model);
    for (std::size_t i = 0; i < photo.crops.size(); ++i) {
      const auto row = c["box_rows"][i].get<std::vector<double>>();
      EXPECT_EQ(center_scale_of(photo.crops[i]),
                (std::array<float, 4>{float(row[0]), float(row[1]), float(row[2]), float(row[3])}));
      EXPECT_EQ(photo.crops[i].area, row[4]);
    }
    const HeatmapPhoto with_heatmaps = compute_heatmaps({photo}, model, 80).front();
    test::expect_summary(stacked(with_heatmaps.heatmaps, 17), c["heatmaps"], {2e-5, 0, 1e-6}, "heatmaps");
    const SolvedPhoto solved = solve_poses(with_heatmaps, model);
    const std::vector<Person>& decoded = solved.decoded;
    for (std::size_t n = 0; n < decoded.size(); ++n) {
      for (std::size_t k = 0; k < 17; ++k) {
        EXPECT_NEAR(decoded[n].joints[k].x, c["preds"][n][k][0].get<double>(), 1e-3);
        EXPECT_NEAR(decoded[n].joints[k].y, c["preds"][n][k][1].get<double>(), 1e-3);
        EXPECT_NEAR(decoded[n].joints[k].score, c["preds"][n][k][2].get<double>(), 1e-4);
      }
    }
    ASSERT_EQ(solved.people.size(), c["results_person"].size());
    for (std::size_t i = 0; i < solved.people.size(); ++i) {
      EXPECT_EQ(solved.people[i].index, c["results_person"][i].get<int>());
      EXPECT_EQ(solved.people[i].center_scale,
                center_scale_of(photo.crops[static_cast<std::size_t>(solved.people[i].index)]));
      EXPECT_NEAR(solved.people[i].score, c["results_score"][i].get<double>(), 1e-4);
    }
  }
}

}  // namespace
}  // namespace pose
