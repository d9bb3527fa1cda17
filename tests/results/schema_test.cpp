// The schemas that are installed say what our files are: files that the writers make fit, and others do not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pose/results.h"
#include "results/record_text.h"
#include "results/records.h"
#include "results/run_report.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  return type == value.type_name();
}

/// As much of JSON Schema as ours use. "" if `value` fits, else where it does not.
std::string misfit(const json& schema, const json& value, const std::string& place) {
  if (schema.contains("oneOf")) {
    const auto fits = [&](const json& one) { return misfit(one, value, place).empty(); };
    return std::count_if(schema["oneOf"].begin(), schema["oneOf"].end(), fits) == 1 ? "" : place + ": oneOf";
  }
  if (schema.contains("type")) {
    const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
    if (std::none_of(types.begin(), types.end(), [&](const json& type) { return has_type(value, type); }))
      return place + ": type";
  }
  if (schema.contains("const") && value != schema["const"]) return place + ": const";
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return place + ": enum";
  if (schema.contains("minimum") && value < schema["minimum"]) return place + ": minimum";
  if (schema.contains("minItems") && value.size() < schema["minItems"]) return place + ": minItems";
  if (schema.contains("maxItems") && value.size() > schema["maxItems"]) return place + ": maxItems";
  for (const json& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>()))
      return place + ": " + name.get<std::string>() + " is missing";
  const json properties = schema.value("properties", json::object());
  if (value.is_object())
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name)) {
        if (schema.value("additionalProperties", true)) continue;
        return place + ": " + name + " is not known";
      }
      if (const std::string fault = misfit(properties[name], member, place + "." + name); !fault.empty())
        return fault;
    }
  if (value.is_array() && schema.contains("items"))
    for (const json& item : value)
      if (const std::string fault = misfit(schema["items"], item, place + "[]"); !fault.empty()) return fault;
  return "";
}

std::string misfit(const std::string& schema, const json& value) {
  return misfit(
      json::parse(test::read_text(test::data_path("../../src/results/schema/" + schema + ".schema.json"))),
      value, "");
}

std::vector<PhotoRecord> records() {
  test::RandomRecords random(5);
  std::vector<PhotoRecord> photos;
  for (std::size_t i = 0; i < 12; ++i)
    photos.push_back(random.record(i, "COCO_" + std::to_string(i) + ".jpg"));
  for (PhotoRecord& photo : photos) photo.seconds = std::abs(photo.seconds);
  photos[3].error = Error::format("not a picture");
  photos[4].warning = "cut off";
  return photos;
}

json written(ResultWriter& writer, const std::string& path) {
  for (const PhotoRecord& photo : records()) writer.add(photo);
  writer.finish();
  return json::parse(test::read_text(path));
}

RunInfo run_info() {
  RunInfo run;
  run.version = "1.2";
  run.settings = {{"conf", "0.05", true}};
  run.models = {{"pose", "card", "w.pth", "abc"}};
  return run;
}

TEST(Schema, FilesOfOursFit) {
  const test::TempFolder folder;
  const std::string path = folder / "f.json";
  for (const char* form : {"coco", "coco-eval"})
    EXPECT_EQ(misfit("results", written(*result_form(form).write(path, skeleton("coco17")), path)), "");
  EXPECT_EQ(misfit("boxes", written(*result_form("boxes").write(path, skeleton("coco17")), path)), "");
  EXPECT_EQ(misfit("run", written(*write_run_report(path, run_info(), {true, 1.5}), path)), "");
  EXPECT_EQ(misfit("journal", json::parse(line_of(run_info()))), "");
  for (const PhotoRecord& photo : records())
    EXPECT_EQ(misfit("journal", json::parse(line_of(JournalRecord{photo, 1.5}))), "");
}

TEST(Schema, GoldenFilesFit) {
  for (const char* name : {"coco", "coco_eval", "empty_coco"})
    EXPECT_EQ(misfit("results", json::parse(test::read_text(test::data_path("golden/alphapose_json/") + name +
                                                            "/alphapose-results.json"))),
              "");
}

TEST(Schema, OtherFilesDoNot) {
  const json person =
      json::parse(R"({"image_id": "a", "category_id": 1, "keypoints": [1, 2, 3], "score": 1})");
  EXPECT_EQ(misfit("results", json::array({person})), "");
  const auto with = [&](const char* key, const json& value) {
    json changed = person;
    changed[key] = value;
    return misfit("results", json::array({changed}));
  };
  EXPECT_EQ(with("score", "1"), "[].score: type");
  EXPECT_EQ(with("category_id", 2), "[].category_id: const");
  EXPECT_EQ(with("keypoints", json::array({1, 2})), "[].keypoints: minItems");
  EXPECT_EQ(with("box", 1), "[]: box is not known");
  EXPECT_EQ(misfit("boxes", json::array({person})), "[]: bbox is missing");
  EXPECT_EQ(misfit("run", json::object()), ": version is missing");
  EXPECT_EQ(misfit("journal", person), ": oneOf");
}

}  // namespace
}  // namespace pose
