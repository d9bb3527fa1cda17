#include "pose/model_card.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(ShippedCards, AllLoadAndNameThingsThatExist) {
  const std::vector<ModelCard> cards = list_model_cards({std::string(POSE_TEST_MODELS)});
  EXPECT_GE(cards.size(), 16u);
  for (const ModelCard& card : cards) {
    SCOPED_TRACE(card.name);
    EXPECT_EQ(card.path, std::string(POSE_TEST_MODELS) + "/" + card.name + ".json");
    EXPECT_FALSE(card.description.empty());
    EXPECT_FALSE(card.sources.empty());
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
