// Where cards are just good and just refused, which of several is taken, and what is said of missing weights.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pose/log.h"
#include "pose/model_card.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
using test::expect_error;
namespace fs = std::filesystem;

json pose_card(const std::string& name = "p") {
  return {{"card", 1},
          {"name", name},
          {"role", "pose"},
          {"architecture", "hrnet"},
          {"params", json::object()},
          {"input", {{"width", 192}, {"height", 256}}},
          {"output", {{"channels", 17}, {"width", 48}, {"height", 64}}},
          {"skeleton", "coco17"},
          {"crop", "affine"},
          {"decoder", "dark"},
          {"pose_nms", "oks"},
          {"weights", {{"file", "w.pth"}}}};
}

json detector_card(const std::string& name = "d") {
  return {{"card", 1},
          {"name", name},
          {"role", "detector"},
          {"architecture", "darknet"},
          {"config", "d.cfg"},
          {"det_rules", "darknet"},
          {"weights", {{"file", "d.weights"}}}};
}

ModelCard parsed(const json& card) { return parse_model_card(card.dump(), "/cards/x.json"); }

json changed(json card, const json& change) {
  card.merge_patch(change);
  return card;
}

void expect_refused(const json& card, const std::string& part) {
  expect_error(ErrorKind::kFormat, part, [&] { parsed(card); });
}

TEST(CardEdges, WhatIsNotSaidHasItsDefault) {
  const ModelCard pose = parsed(pose_card());
  EXPECT_TRUE(pose.input.rgb);
  EXPECT_EQ(pose.input.scale, 1.0 / 255);
  EXPECT_EQ(pose.input.mean, (std::array<double, 3>{0, 0, 0}));
  EXPECT_EQ(pose.input.std, (std::array<double, 3>{1, 1, 1}));
  EXPECT_EQ(pose.flip, "on");
  EXPECT_EQ(pose.weights_bytes, -1);
  const ModelCard detector = parsed(detector_card());
  EXPECT_EQ(detector.person_class, -1);
  EXPECT_EQ(detector.conf, -1);
  EXPECT_EQ(detector.nms, -1);
  EXPECT_EQ(detector.names, "");
}

TEST(CardEdges, WhatIsSaidIsTaken) {
  const ModelCard pose = parsed(changed(
      pose_card(), {{"input", {{"order", "bgr"}, {"scale", 2.5}, {"mean", {1, 2, 3}}, {"std", {4, 5, 6}}}},
                    {"output", {{"channels", 33}, {"used", 17}}},
                    {"flip", "shift"},
                    {"weights", {{"bytes", 0}, {"license", "MIT"}}}}));
  EXPECT_FALSE(pose.input.rgb);
  EXPECT_EQ(pose.input.width, 192);
  EXPECT_EQ(pose.input.height, 256);
  EXPECT_EQ(pose.input.scale, 2.5);
  EXPECT_EQ(pose.input.mean, (std::array<double, 3>{1, 2, 3}));
  EXPECT_EQ(pose.input.std, (std::array<double, 3>{4, 5, 6}));
  EXPECT_EQ(pose.output_channels, 33);
  EXPECT_EQ(pose.output_used, 17);
  EXPECT_EQ(pose.heatmap_width, 48);
  EXPECT_EQ(pose.heatmap_height, 64);
  EXPECT_EQ(pose.role, ModelRole::kPose);
  EXPECT_EQ(pose.flip, "shift");
  EXPECT_EQ(pose.weights_bytes, 0);
  EXPECT_EQ(pose.license, "MIT");
  const ModelCard detector = parsed(
      changed(detector_card(), {{"names", "d.names"}, {"person_class", 14}, {"conf", 0.25}, {"nms", 0.5}}));
  EXPECT_EQ(detector.role, ModelRole::kDetector);
  EXPECT_EQ(detector.config, "/cards/d.cfg");
  EXPECT_EQ(detector.names, "/cards/d.names");
  EXPECT_EQ(detector.person_class, 14);
  EXPECT_EQ(detector.conf, 0.25);
  EXPECT_EQ(detector.nms, 0.5);
}

TEST(CardEdges, BothEndsOfEveryRange) {
  for (const char* part : {"input", "output"})
    for (const char* side : {"width", "height"}) {
      for (const int good : {1, 8192})
        EXPECT_NO_THROW(parsed(changed(pose_card(), {{part, {{side, good}}}}))) << part << side << good;
      for (const int bad : {0, 8193})
        expect_refused(changed(pose_card(), {{part, {{side, bad}}}}), std::string(part) + "." + side);
    }
  EXPECT_NO_THROW(parsed(changed(pose_card(), {{"output", {{"channels", 1000}, {"used", 17}}}})));
  expect_refused(changed(pose_card(), {{"output", {{"channels", 1001}, {"used", 17}}}}), "output.channels");
  expect_refused(changed(pose_card(), {{"output", {{"channels", 0}}}}), "output.channels");
  for (const double good : {1e-9, 1e9})
    EXPECT_NO_THROW(parsed(changed(pose_card(), {{"input", {{"scale", good}}}}))) << good;
  for (const double bad : {0.99e-9, 1.01e9, -1.0})
    expect_refused(changed(pose_card(), {{"input", {{"scale", bad}}}}), "input.scale");
  expect_refused(changed(pose_card(), {{"input", {{"std", {1, 1, -1}}}}}), "input.std");
  for (const int good : {0, 100000})
    EXPECT_EQ(parsed(changed(detector_card(), {{"person_class", good}})).person_class, good);
  for (const int bad : {-1, 100001})
    expect_refused(changed(detector_card(), {{"person_class", bad}}), "person_class");
  for (const char* threshold : {"conf", "nms"}) {
    for (const double good : {0.0, 1.0})
      EXPECT_NO_THROW(parsed(changed(detector_card(), {{threshold, good}}))) << threshold << good;
    for (const double bad : {-0.01, 1.01})
      expect_refused(changed(detector_card(), {{threshold, bad}}), threshold);
  }
  expect_refused(changed(pose_card(), {{"weights", {{"bytes", -1}}}}), "weights.bytes");
}

TEST(CardEdges, HashesAre64LowerCaseDigits) {
  const auto with = [](const std::string& hash) {
    return changed(pose_card(), {{"weights", {{"sha256", hash}}}});
  };
  const std::string good = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  EXPECT_EQ(parsed(with(good)).weights_sha256, good);
  for (const std::string& bad : {good.substr(1), good + "0", "A" + good.substr(1), "g" + good.substr(1)})
    expect_refused(with(bad), "weights.sha256");
}

TEST(CardEdges, WordsThatAreRefused) {
  for (const char* name : {"", "My-model", "a_b", "a/b", "a b"})
    expect_refused(changed(pose_card(), {{"name", name}}), "name must be made of");
  EXPECT_EQ(parsed(changed(pose_card(), {{"name", "az-09."}})).name, "az-09.");
  expect_refused(changed(pose_card(), {{"role", "poses"}}), "role must be");
  expect_refused(changed(pose_card(), {{"input", {{"order", "grb"}}}}), "order must be rgb or bgr");
  for (const int version : {0, 2}) expect_refused(changed(pose_card(), {{"card", version}}), "card");
  for (const char* member : {"input", "output", "weights"})
    expect_refused(changed(pose_card(), {{member, {{"other", 1}}}}), std::string(member) + ".other");
  expect_refused(changed(pose_card(), {{"other", 1}}), "other is not known");
}

class CardFolders : public testing::Test {
 protected:
  void put(const std::string& name, const json& card) {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    test::write_text(folder_ / name, card.dump());
  }
  test::TempFolder folder_;
};

TEST_F(CardFolders, TheFirstFolderThatHasTheNameCounts) {
  put("one/p.json", changed(pose_card(), {{"description", "first"}}));
  put("two/p.json", changed(pose_card(), {{"description", "second"}}));
  put("two/q.json", pose_card("q"));
  const std::vector<std::string> folders{folder_ / "one", folder_ / "two"};
  EXPECT_EQ(load_model_card("p", folders).description, "first");
  EXPECT_EQ(load_model_card("q", folders).name, "q");
  const std::vector<ModelCard> all = list_model_cards(folders);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].description, "first");
  EXPECT_EQ(all[1].name, "q");
}

TEST_F(CardFolders, ListsAreSortedByRoleAndName) {
  put("1.json", pose_card("b"));
  put("2.json", detector_card("z"));
  put("3.json", pose_card("a"));
  put("4.json", detector_card("y"));
  put("notes.txt", json("no card"));
  std::vector<std::string> names;
  for (const ModelCard& card : list_model_cards({folder_.path(), folder_ / "missing"}))
    names.push_back(card.name);
  EXPECT_EQ(names, (std::vector<std::string>{"y", "z", "a", "b"}));
}

TEST_F(CardFolders, ABrokenCardIsTold) {
  test::write_text(folder_ / "bad.json", "{");
  std::string told;
  set_log_sink([&](LogLevel, std::string_view message) { told += message; });
  list_model_cards({folder_.path()});
  set_log_sink({});
  EXPECT_NE(told.find("bad.json: not JSON"), std::string::npos) << told;
}

TEST_F(CardFolders, APathIsWhatHasASlashOrTheEnding) {
  put("p.json", pose_card("other"));
  fs::rename(folder_ / "p.json", folder_ / "p.card");
  EXPECT_EQ(load_model_card(folder_ / "p.card", {}).name, "other");
  expect_error(ErrorKind::kUsage, "no model card is named 'p.card'",
               [&] { load_model_card("p.card", {folder_.path()}); });
  expect_error(ErrorKind::kNotFound, "p.json", [&] { load_model_card("p.json", {folder_.path()}); });
}

TEST_F(CardFolders, AnUnknownNameWithNothingNearHasNoSuggestion) {
  put("my-model.json", pose_card());
  try {
    load_model_card("zzzzzzzz", {folder_.path()});
    ADD_FAILURE() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find("did you mean"), std::string::npos) << e.what();
  }
}

TEST_F(CardFolders, PartOfANameGetsTheCardsThatHaveIt) {
  for (const char* name : {"hrnet-w32", "hrnet-w48", "yolo"})
    put(std::string(name) + ".json", pose_card(name));
  const auto fails = [&](const char* name, const std::string& said) {
    expect_error(ErrorKind::kUsage, said, [&] { load_model_card(name, {folder_.path(), folder_.path()}); });
  };
  fails("hrnet", "did you mean one of hrnet-w32, hrnet-w48?");
  fails("HRNet_W32", "did you mean 'hrnet-w32'?");
  fails("hrnte-w32", "did you mean 'hrnet-w32'?");
}

TEST_F(CardFolders, ACardHasAtMostAMebibyte) {
  const std::string text = pose_card().dump();
  test::write_text(folder_ / "p.json", text + std::string((1 << 20) - text.size(), ' '));
  EXPECT_EQ(load_model_card("p", {folder_.path()}).name, "p");
  test::write_text(folder_ / "p.json", text + std::string((1 << 20) + 1 - text.size(), ' '));
  EXPECT_THROW(load_model_card("p", {folder_.path()}), Error);
}

TEST_F(CardFolders, ComeFromTheCommandLineThenTheEnvironment) {
  for (const char* name : {"a", "b", "c"}) fs::create_directories(folder_ / name);
  const std::string a = folder_ / "a", b = folder_ / "b", c = folder_ / "c";
  const auto first_of = [](const std::vector<std::string>& extra, std::size_t count) {
    std::vector<std::string> folders = model_folders(extra);
    folders.resize(std::min(folders.size(), count));
    return folders;
  };
  unsetenv("POSE_MODELS");
  const std::vector<std::string> own = model_folders();
  ASSERT_FALSE(own.empty());
  EXPECT_TRUE(fs::exists(own.back() + "/README.md")) << "the source tree's";
  EXPECT_EQ(model_folders({a}).size(), own.size() + 1);
  setenv("POSE_MODELS", (":" + b + "::" + a + ":/no/such/folder:" + b).c_str(), 1);
  EXPECT_EQ(first_of({c, a}, 3), (std::vector<std::string>{c, a, b}));
  EXPECT_EQ(model_folders({c, a}).size(), own.size() + 3) << "each once";
  EXPECT_EQ(first_of({}, 2), (std::vector<std::string>{b, a}));
  setenv("POSE_MODELS", "", 1);
  EXPECT_EQ(model_folders(), own);
  unsetenv("POSE_MODELS");
}

TEST_F(CardFolders, WeightsInTheUsersFolderAreFound) {
  setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
  EXPECT_EQ(user_models_folder(), folder_ / "pose/models");
  put("cards/p.json", changed(pose_card(), {{"weights", {{"file", "more/w.pth"}}}}));
  const auto weights = [&] { return load_model_card("p", {folder_ / "cards"}).weights; };
  EXPECT_EQ(weights(), folder_ / "cards/more/w.pth");
  fs::create_directories(folder_ / "pose/models/more");
  test::write_text(folder_ / "pose/models/more/w.pth", "");
  EXPECT_EQ(weights(), folder_ / "pose/models/more/w.pth");
  fs::create_directories(folder_ / "cards/more");
  test::write_text(folder_ / "cards/more/w.pth", "");
  EXPECT_EQ(weights(), folder_ / "cards/more/w.pth") << "beside the card goes first";
  unsetenv("POSE_MODELS");
  EXPECT_EQ(model_folders().front(), folder_ / "pose/models");
  setenv("XDG_DATA_HOME", "relative", 1);
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(user_models_folder(), "/home/me/.local/share/pose/models");
  unsetenv("XDG_DATA_HOME");
}

TEST_F(CardFolders, WhatIsSaidOfMissingWeights) {
  put("p.json", changed(pose_card(), {{"weights", {{"bytes", 1}, {"sources", {"the author", "http://x"}}}}}));
  ModelCard card = load_model_card("p", {folder_.path()});
  const std::string there = folder_ / "w.pth";
  EXPECT_EQ(missing_weights_message(card),
            "the weights of 'p' are missing: w.pth (0.0 MB)\n  get it from: the author\n  get it from: "
            "http://x\n  put it at:   " +
                there + "\n  or run:      pose models get p");
  card.sources = {{"the author of http://x", -1, "", "", ""}};
  card.weights_bytes = 0;
  EXPECT_EQ(missing_weights_message(card),
            "the weights of 'p' are missing: w.pth\n  get it from: the author of http://x\n  put it at:   " +
                there);
  test::write_text(there, "");
  EXPECT_EQ(missing_weights_message(card), "");
}

}  // namespace
}  // namespace pose
