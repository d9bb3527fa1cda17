#include "pose/model_card.h"

#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "options/presets.h"
#include "pose/crop.h"
#include "pose/decode.h"
#include "pose/error.h"
#include "pose/skeleton.h"
#include "pose/suppress.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

json good() {
  return {{"card", 1},
          {"name", "my-model"},
          {"role", "pose"},
          {"architecture", "hrnet"},
          {"params", {{"width", 48}, {"modules", {1, 2, 1}}}},
          {"input", {{"width", 192}, {"height", 256}}},
          {"output", {{"channels", 17}, {"width", 48}, {"height", 64}}},
          {"skeleton", "coco17"},
          {"crop", "affine"},
          {"decoder", "dark"},
          {"pose_nms", "oks"},
          {"weights", {{"file", "w.pth"}, {"sources", {"https://example.org/w.pth"}}, {"bytes", 1500000}}}};
}

std::string fault(const json& card) {
  try {
    parse_model_card(card.dump(), "/cards/x.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kFormat);
    return e.what();
  }
  return "";
}

TEST(ModelCard, FieldsAreReadAndPathsAreBesideTheCard) {
  const ModelCard card = parse_model_card(good().dump(), "/cards/x.json");
  EXPECT_EQ(card.weights, "/cards/w.pth");
  EXPECT_EQ(card.params.at("modules"), (std::vector<std::int64_t>{1, 2, 1}));
  EXPECT_EQ(card.output_used, 17);
  EXPECT_TRUE(card.input.rgb);
  EXPECT_EQ(card.input.std[2], 1.0);
}

TEST(ModelCard, FaultsNameTheirPlace) {
  json unknown = good(), missing = good(), wrong = good(), deep = good(), hash = good(), zero = good();
  unknown["input"]["colour"] = "red";
  missing.erase("crop");
  wrong["output"]["width"] = "48";
  deep["params"] = json::parse(std::string(50, '[') + std::string(50, ']'));
  hash["weights"]["sha256"] = "12";
  zero["input"]["std"] = {1, 0, 1};
  EXPECT_EQ(fault(good()), "");
  EXPECT_NE(fault(unknown).find("input.colour is not known"), std::string::npos);
  EXPECT_NE(fault(missing).find("crop is missing"), std::string::npos);
  EXPECT_NE(fault(wrong).find("output.width must be"), std::string::npos);
  EXPECT_NE(fault(deep).find("nested too deeply"), std::string::npos);
  EXPECT_NE(fault(hash).find("weights.sha256"), std::string::npos);
  EXPECT_NE(fault(zero).find("input.std"), std::string::npos);
  EXPECT_THROW(parse_model_card("{\"card\": 1, \"card\": 1}", "x"), Error);
  for (const char* text : {"", "[]", "null", "{", "{\"card\":1e400}", "{\"card\":2}"})
    EXPECT_THROW(parse_model_card(text, "x"), Error) << text;
}

TEST(ModelCard, ChecksWhatBelongsTogether) {
  const auto with = [](const json& change) {
    json card = good();
    card.merge_patch(change);
    return fault(card);
  };
  const auto expect = [](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find("/cards/x.json: "), 0u) << message;
  };
  expect(with({{"output", {{"channels", 16}}}}),
         "output.used is 16, but the skeleton 'coco17' has 17 joints");
  expect(with({{"skeleton", "mpii16"}}), "output.used is 17, but the skeleton 'mpii16' has 16 joints");
  expect(with({{"output", {{"used", 16}}}}), "output.used is 16");
  expect(with({{"output", {{"used", 18}}}}), "output.used must be a whole number from 1 to 17");
  expect(with({{"skeleton", "coco71"}}), "did you mean 'coco17'?");
  expect(with({{"input", {{"width", 0}}}}), "input.width must be a whole number from 1 to 8192");
  expect(with({{"input", {{"height", 8193}}}}), "input.height");
  expect(with({{"output", {{"width", 0}}}}), "output.width");
  expect(with({{"output", {{"height", -1}}}}), "output.height");
  expect(with({{"output", {{"channels", 1001}}}}), "output.channels");
  expect(with({{"input", {{"scale", 0}}}}), "input.scale");
  expect(with({{"decoder", ""}}), "decoder is missing");
  EXPECT_EQ(with({{"output", {{"channels", 33}, {"used", 17}}}}), "");
  EXPECT_EQ(with({{"skeleton", "mpii16"}, {"output", {{"channels", 16}}}}), "");
}

TEST(ModelCard, CardsMadeInCodeAreCheckedToo) {
  const ModelCard sound = parse_model_card(good().dump(), "/cards/x.json");
  const auto expect_refused = [&](void (*change)(ModelCard&), const std::string& part) {
    ModelCard card = sound;
    card.path = "";
    change(card);
    try {
      check_card(card);
      ADD_FAILURE() << part;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kFormat);
      EXPECT_EQ(std::string(e.what()).find("model card 'my-model': " + part), 0u) << e.what();
    }
  };
  EXPECT_NO_THROW(check_card(sound));
  expect_refused([](ModelCard& c) { c.output_used = 0; }, "output.used");
  expect_refused([](ModelCard& c) { c.input.mean[1] = NAN; }, "input.mean");
  expect_refused([](ModelCard& c) { c.input.std[2] = INFINITY; }, "input.std");
  expect_refused([](ModelCard& c) { c.input.scale = NAN; }, "input.scale");
  expect_refused([](ModelCard& c) { c.weights = ""; }, "weights.file is missing");
  expect_refused([](ModelCard& c) { c.weights_sha256 = "xyz"; }, "weights.sha256");
  expect_refused([](ModelCard& c) { c.crop = ""; }, "crop is missing");
  expect_refused([](ModelCard& c) { c.pose_nms = ""; }, "pose_nms is missing");
  expect_refused([](ModelCard& c) { c.architecture = ""; }, "architecture is missing");
  const auto detector = [](ModelCard& c) {
    c.role = ModelRole::kDetector;
    c.config = "x.cfg";
    c.det_rules = "darknet";
  };
  ModelCard card = sound;
  detector(card);
  EXPECT_NO_THROW(check_card(card));
  card.conf = 1.5;
  EXPECT_THROW(check_card(card), Error);
  card.conf = NAN;
  EXPECT_THROW(check_card(card), Error);
  card.conf = 1;
  card.nms = 1.5;
  EXPECT_THROW(check_card(card), Error);
  card.nms = 0;
  card.person_class = -2;
  EXPECT_THROW(check_card(card), Error);
  card.person_class = -1;
  EXPECT_NO_THROW(check_card(card));
  card.config = "";
  EXPECT_THROW(check_card(card), Error);
}

TEST(ModelCard, FilesCannotLeaveTheFolder) {
  const auto with_file = [](const std::string& file) {
    json card = good();
    card["weights"]["file"] = file;
    return card;
  };
  for (const char* file : {"../w.pth", "a/../../w.pth", "a/..", "/etc/passwd", "..", ".", "a/", ""})
    EXPECT_NE(fault(with_file(file)).find("weights.file must name a file in the folder"), std::string::npos)
        << file;
  EXPECT_NE(fault(with_file(std::string("w\0.pth", 6))).find("zero bytes"), std::string::npos);
  EXPECT_EQ(parse_model_card(with_file("more/w..pth").dump(), "/cards/x.json").weights, "/cards/more/w..pth");

  json detector{{"card", 1},
                {"name", "d"},
                {"role", "detector"},
                {"architecture", "darknet"},
                {"config", "d.cfg"},
                {"names", "d.names"},
                {"det_rules", "darknet"},
                {"weights", {{"file", "d.weights"}}}};
  EXPECT_EQ(fault(detector), "");
  detector["config"] = "../d.cfg";
  EXPECT_NE(fault(detector).find("config must name"), std::string::npos);
  detector["config"] = "d.cfg";
  detector["names"] = "/d.names";
  EXPECT_NE(fault(detector).find("names must name"), std::string::npos);
}

TEST(ModelCard, SourcesAreTextsOrObjectsAndTakeFromTheCardWhatTheyDoNotSay) {
  json card = good();
  const std::string hash(64, 'a');
  card["weights"]["sha256"] = hash;
  card["weights"]["license"] = "MIT";
  card["weights"]["sources"] = {
      "by hand, see https://example.org",
      "https://example.org/w.pth",
      {{"url", "https://example.org/x"}, {"note", "a copy"}},
      {{"url", "https://example.org/y"}, {"sha256", "0123abcd"}, {"license", "BSD"}}};
  const std::vector<WeightSource> sources = parse_model_card(card.dump(), "/cards/x.json").sources;
  ASSERT_EQ(sources.size(), 4u);
  EXPECT_FALSE(sources[0].is_url());
  EXPECT_TRUE(sources[1].is_url());
  EXPECT_EQ(sources[1].sha256, hash);
  EXPECT_EQ(sources[2].bytes, 1500000);
  EXPECT_EQ(sources[2].note, "a copy");
  EXPECT_EQ(sources[2].license, "MIT");
  EXPECT_EQ(sources[3].bytes, -1) << "another packaging has a size of its own";
  EXPECT_EQ(sources[3].sha256, "0123abcd");
  EXPECT_EQ(sources[3].license, "BSD");
  const auto with_source = [](const json& source) {
    json changed = good();
    changed["weights"]["sources"] = json::array({source});
    return fault(changed);
  };
  for (const char* digits : {"0123abc", "0123ABCD", "0123abcg"})
    EXPECT_NE(with_source({{"url", "x"}, {"sha256", digits}}).find("first 8 to all 64"), std::string::npos);
  EXPECT_NE(with_source({{"url", "x"}, {"size", 1}}).find("weights.sources[0].size is not known"),
            std::string::npos);
  EXPECT_NE(with_source({{"note", "x"}}).find("weights.sources[0].url is missing"), std::string::npos);
  EXPECT_NE(with_source(3).find("weights.sources[0] must be a text or an object"), std::string::npos);
  EXPECT_NE(with_source("").find("an empty place"), std::string::npos);
}

TEST(ModelCard, AccuracyAndCostAreRead) {
  json card = good();
  card["accuracy"] = {{"metric", "AP"}, {"value", 74.4}, {"on", "COCO"}};
  card["cost"] = {{"million_parameters", 28.5}, {"gmacs", 7.1}, {"ms", 90}};
  const ModelCard read = parse_model_card(card.dump(), "/cards/x.json");
  EXPECT_EQ(read.accuracy.metric, "AP");
  EXPECT_EQ(read.accuracy.value, 74.4);
  EXPECT_EQ(read.accuracy.on, "COCO");
  EXPECT_EQ(read.cost.million_parameters, 28.5);
  EXPECT_EQ(read.cost.gmacs, 7.1);
  EXPECT_EQ(read.cost.milliseconds, 90);
  card["accuracy"]["value"] = 101;
  EXPECT_NE(fault(card).find("accuracy.value"), std::string::npos);
  card["accuracy"]["value"] = 1;
  card["cost"]["seconds"] = 1;
  EXPECT_NE(fault(card).find("cost.seconds is not known"), std::string::npos);
}

TEST(ModelCard, MissingWeightsSayWhereToGetThemAndWhereToPutThem) {
  const std::string message = missing_weights_message(parse_model_card(good().dump(), "/cards/x.json"));
  for (const char* part : {"my-model", "w.pth", "1.5 MB", "https://example.org/w.pth", "/cards/w.pth",
                           "pose models get my-model"})
    EXPECT_NE(message.find(part), std::string::npos) << part;
}

TEST(ModelCard, UnknownNamesGetASuggestion) {
  const test::TempFolder folder;
  test::write_text(folder / "my-model.json", good().dump());
  EXPECT_EQ(load_model_card("my-model", {folder.path()}).name, "my-model");
  EXPECT_EQ(load_model_card(folder / "my-model.json", {}).name, "my-model");
  try {
    load_model_card("my-modle", {folder.path()});
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    EXPECT_NE(std::string(e.what()).find("did you mean 'my-model'?"), std::string::npos);
  }
}

TEST(ModelCard, ABrokenCardDoesNotHideTheOthers) {
  const test::TempFolder folder;
  test::write_text(folder / "a.json", "{");
  test::write_text(folder / "my-model.json", good().dump());
  EXPECT_EQ(list_model_cards({folder.path()}).size(), 1u);
}

TEST(ShippedCards, ThereIsOneForEachNetworkOfEveryPreset) {
  for (const Preset& preset : presets()) {
    EXPECT_EQ(load_model_card(std::string(preset.detector), {POSE_TEST_MODELS}).role, ModelRole::kDetector);
    EXPECT_EQ(load_model_card(std::string(preset.pose_model), {POSE_TEST_MODELS}).role, ModelRole::kPose);
  }
}

TEST(ShippedCards, AllLoadAndNameThingsThatExist) {
  const std::vector<ModelCard> cards = list_model_cards({std::string(POSE_TEST_MODELS)});
  EXPECT_GE(cards.size(), 36u);
  for (const ModelCard& card : cards) {
    SCOPED_TRACE(card.name);
    EXPECT_EQ(card.path, std::string(POSE_TEST_MODELS) + "/" + card.name + ".json");
    EXPECT_FALSE(card.description.empty());
    EXPECT_FALSE(card.sources.empty());
    EXPECT_FALSE(card.accuracy.metric.empty());
    EXPECT_GT(card.accuracy.value, 0);
    EXPECT_FALSE(card.accuracy.on.empty());
    for (const WeightSource& source : card.sources) EXPECT_FALSE(source.license.empty()) << source.place;
    if (card.role != ModelRole::kPose) continue;
    EXPECT_EQ(static_cast<int>(skeleton(card.skeleton).joints.size()), card.output_used);
    EXPECT_NO_THROW(crop_method(card.crop));
    EXPECT_NO_THROW(decoder(card.decoder));
    EXPECT_NO_THROW(suppressor(card.pose_nms));
    EXPECT_EQ(card.input.width, 4 * card.heatmap_width);
    EXPECT_EQ(card.input.height, 4 * card.heatmap_height);
  }
}

}  // namespace
}  // namespace pose
