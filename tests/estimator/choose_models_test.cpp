// What is refused before any network is loaded.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "estimator/load_models.h"
#include "pose/error.h"
#include "pose/estimator.h"
#include "pose/log.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

json pose_card() {
  return {{"card", 1},
          {"name", "mine"},
          {"role", "pose"},
          {"architecture", "hrnet"},
          {"params", {{"width", 8}, {"modules", {1, 1, 1}}, {"blocks", 1}}},
          {"input", {{"width", 64}, {"height", 96}}},
          {"output", {{"channels", 17}, {"width", 16}, {"height", 24}}},
          {"skeleton", "coco17"},
          {"crop", "affine"},
          {"decoder", "dark"},
          {"pose_nms", "oks"},
          {"weights", {{"file", "mine.pth"}}}};
}

json detector_card() {
  return {{"card", 1},
          {"name", "finder"},
          {"role", "detector"},
          {"architecture", "darknet"},
          {"config", "finder.cfg"},
          {"det_rules", "darknet"},
          {"weights", {{"file", "finder.weights"}}}};
}

std::string cfg(int classes, int width = 64) {
  return "[net]\nwidth=" + std::to_string(width) +
         "\nheight=64\n[convolutional]\nfilters=" + std::to_string(5 + classes) +
         "\nsize=1\nstride=1\nactivation=linear\n[yolo]\nmask=0\nanchors=10,10\n"
         "num=1\nclasses=" +
         std::to_string(classes) + "\n";
}

/// A folder with both cards and weight files that hold nothing: whoever reads them fails in other words.
class ChooseModels : public testing::Test {
 protected:
  ChooseModels() {
    test::write_text(folder_ / "mine.pth", "no weights");
    test::write_text(folder_ / "finder.weights", "no weights");
    test::write_text(folder_ / "finder.cfg", cfg(1));
    options_.models_dir = {folder_.path()};
    options_.pose_model = "mine";
    options_.detector = "finder";
  }
  ~ChooseModels() override { set_log_sink(nullptr); }

  void write_cards(const json& pose, const json& detector) {
    test::write_text(folder_ / "mine.json", pose.dump());
    test::write_text(folder_ / "finder.json", detector.dump());
  }

  /// What choosing says, "" if it is content.
  std::string fault(ErrorKind kind) {
    try {
      choose_models(options_);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), kind) << e.what();
      return e.what();
    }
    return "";
  }

  /// As a change of one of the cards: the message names the card's file.
  void expect_fault(const json& change, const std::string& part, ErrorKind kind = ErrorKind::kFormat) {
    json pose = pose_card(), detector = detector_card();
    const bool of_detector = change.contains("role");
    (of_detector ? detector : pose).merge_patch(change);
    write_cards(pose, detector);
    const std::string message = fault(kind);
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find(of_detector ? "finder.json" : "mine.json"), std::string::npos) << message;
  }

  void expect_usage(const std::string& part) {
    const std::string message = fault(ErrorKind::kUsage);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  const test::TempFolder folder_;
  ModelOptions options_;
};

TEST_F(ChooseModels, TakesSoundCards) {
  write_cards(pose_card(), detector_card());
  const ModelCards cards = choose_models(options_);
  EXPECT_EQ(cards.pose->name, "mine");
  EXPECT_EQ(cards.detector->name, "finder");
}

TEST_F(ChooseModels, EveryNameInACardIsLookedUp) {
  expect_fault({{"architecture", "hrnett"}}, "architecture: unknown architecture 'hrnett'");
  expect_fault({{"crop", "afine"}}, "did you mean 'affine'?");
  expect_fault({{"decoder", "darc"}}, "did you mean 'dark'?");
  expect_fault({{"pose_nms", "okss"}}, "pose_nms: unknown");
  expect_fault({{"flip", "shft"}}, "flip: unknown flip test");
  expect_fault({{"skeleton", "coco18"}}, "unknown skeleton");
  expect_fault({{"role", "detector"}, {"det_rules", "darknett"}}, "did you mean 'darknet'?");
  expect_fault({{"role", "detector"}, {"architecture", "torchscript"}}, "must be 'darknet'");
}

TEST_F(ChooseModels, NamesOfATorchScriptCardAreLookedUpToo) {
  expect_fault({{"architecture", "torchscript"}, {"params", nullptr}, {"decoder", "darc"}},
               "did you mean 'dark'?");
  expect_fault({{"architecture", "torchscript"}, {"output", {{"used", 16}}}}, "output.used is 16");
}

TEST_F(ChooseModels, NetworksMustMakeWhatTheirCardsSay) {
  expect_fault({{"output", {{"width", 17}}}}, "makes 17x24x16 heatmaps, not 17x24x17", ErrorKind::kMismatch);
  expect_fault({{"params", {{"width", {8, 9}}}}}, "params.width must be one number");
  expect_fault({{"variant", "v9"}}, "variant 'v9' is not known");
  expect_fault({{"params", {{"modules", {1000, 1000, 1000}}}}}, "too many layers", ErrorKind::kUnsupported);
  expect_fault({{"role", "detector"}, {"person_class", 1}}, "person class 1 does not exist",
               ErrorKind::kUsage);
  test::write_text(folder_ / "finder.cfg", cfg(7));
  expect_fault({{"role", "detector"}}, "7 classes is the person", ErrorKind::kUsage);
  test::write_text(folder_ / "finder.names", "cat\nperson\n");
  expect_fault({{"role", "detector"}, {"names", "finder.names"}}, "names 2 classes", ErrorKind::kMismatch);
  test::write_text(folder_ / "finder.cfg", cfg(1, 96));
  expect_fault({{"role", "detector"}, {"det_rules", "alphapose"}}, "square", ErrorKind::kUsage);
}

TEST_F(ChooseModels, OptionsMayMakeUpForTheCard) {
  test::write_text(folder_ / "finder.cfg", cfg(7));
  write_cards(pose_card(), detector_card());
  options_.person_class = 3;
  EXPECT_EQ(fault(ErrorKind::kInternal), "");
  options_.decoder = "darc";
  expect_usage("unknown decoder 'darc'");
  options_.decoder = "";
  options_.det_rules = "darc";
  expect_usage("unknown detector rules 'darc'");
  options_.det_rules = "";
  options_.flip = "sideways";
  expect_usage("unknown flip test 'sideways'");
  options_.flip = "off";
  options_.suppress.delta2 = 0;
  expect_usage("delta2");
}

TEST_F(ChooseModels, RefusesTwoDetectorsAndFilesOfNone) {
  write_cards(pose_card(), detector_card());
  options_.det_cfg = folder_ / "finder.cfg";
  options_.det_weights = folder_ / "finder.weights";
  expect_usage("are two detectors");
  options_.detector = "whole-image";
  expect_usage("are two detectors");
  options_.det_cfg = "";
  expect_usage("--detector whole-image runs no network: leave out --det_cfg and --det_weights");
  options_.detector = ModelOptions().detector;
  options_.detfile = "boxes.json";
  expect_usage("--detfile boxes.json runs no network");
  options_.detfile = "";
  options_.det_weights = "";
  options_.det_cfg = folder_ / "finder.cfg";
  expect_usage("--det_weights FILE");
}

TEST_F(ChooseModels, SaysWhichOptionsHaveNoEffect) {
  std::string log;
  set_log_sink([&](LogLevel, std::string_view text) { log += text; });
  write_cards(pose_card(), detector_card());
  options_.detector = "whole-image";
  options_.nms = 0.5;
  options_.conf = 0.5;
  EXPECT_EQ(fault(ErrorKind::kInternal), "");
  EXPECT_EQ(log, "--detector whole-image runs no network: --conf, --nms has no effect");
  log = "";
  options_.detfile = "boxes.json";
  EXPECT_EQ(fault(ErrorKind::kInternal), "");
  EXPECT_EQ(log, "--detfile boxes.json runs no network: --nms has no effect");
}

TEST_F(ChooseModels, MatchingNeedsAlphaPosesCropAndJoints) {
  json card = pose_card();
  write_cards(card, detector_card());
  options_.matching = true;
  expect_usage("--matching is AlphaPose's method");
  card["crop"] = "alphapose";
  write_cards(card, detector_card());
  EXPECT_EQ(fault(ErrorKind::kInternal), "");
}

TEST_F(ChooseModels, CardsChangedInCodeAreCheckedAgain) {
  write_cards(pose_card(), detector_card());
  ModelCards cards = choose_models(options_);
  const auto expect_refused = [&](const std::string& part) {
    try {
      load_models(cards, options_, {});
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  };
  cards.pose->output_used = 16;
  expect_refused("output.used is 16, but the skeleton 'coco17' has 17 joints");
  cards.pose->output_used = 17;
  cards.detector->nms = 2;
  expect_refused("nms must lie between 0 and 1");
  cards.detector->nms = -1;
  expect_refused("mine.pth");  // now the weights are looked at
}

TEST_F(ChooseModels, BoxesOnlyNeedNoPoseNetwork) {
  write_cards(pose_card(), detector_card());
  options_.pose_model = "gone";
  options_.detector = "whole-image";
  EXPECT_THROW(choose_models(options_), Error);
  options_.boxes_only = true;
  const ModelCards cards = choose_models(options_);
  EXPECT_FALSE(cards.pose);
  const Models models = load_models(cards, options_, {});
  EXPECT_EQ(models.pose.network, nullptr);
  EXPECT_NE(models.detector, nullptr);
  EXPECT_THROW(Estimator(options_, {}), Error);
}

}  // namespace
}  // namespace pose
