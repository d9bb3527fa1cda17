// What a form holds comes back from its reader as it was written.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pose/results.h"
#include "results/names.h"
#include "results/records.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::vector<PhotoRecord> records(unsigned seed, bool numbers = false) {
  test::RandomRecords random(seed);
  std::vector<PhotoRecord> all;
  for (std::size_t i = 0; i < 30; ++i)
    all.push_back(random.record(i, numbers ? "COCO_" + std::to_string(1000 + i) + ".jpg"
                                           : "d/\xE9ü\xEE\xBE\x93 " + std::to_string(i) + ".x.jpg"));
  return all;
}

json written(const std::string& form, const std::vector<PhotoRecord>& photos, const std::string& path) {
  const auto writer = result_form(form).write(path, skeleton("coco17"));
  for (const PhotoRecord& photo : photos) writer->add(photo);
  writer->finish();
  return json::parse(test::read_text(path));
}

/// Photos with people, as they should come back.
std::vector<const PhotoRecord*> with_people(const std::vector<PhotoRecord>& photos) {
  std::vector<const PhotoRecord*> found;
  for (const PhotoRecord& photo : photos)
    if (!photo.people.empty()) found.push_back(&photo);
  return found;
}

class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, PeopleComeBackAsTheyWere) {
  const std::string form = GetParam();
  for (const unsigned seed : {1u, 2u, 3u}) {
    const test::TempFolder folder;
    const std::vector<PhotoRecord> photos = records(seed, form == "coco-eval");
    const json document = written(form, photos, folder / "people.json");
    EXPECT_EQ(recognise_form(document), &result_form(form));
    std::vector<PhotoPeople> read = result_form(form).read(document, "people.json").photos;
    const std::vector<const PhotoRecord*> expected = with_people(photos);
    ASSERT_EQ(read.size(), expected.size());
    for (const PhotoPeople& photo : read) {
      const auto same = [&](const PhotoRecord* p) {
        return photo.number ? *photo.number == *coco_number(p->name) : photo.name == p->name;
      };
      const auto original = std::find_if(expected.begin(), expected.end(), same);
      ASSERT_NE(original, expected.end()) << photo.name;
      ASSERT_EQ(photo.people.size(), (*original)->people.size());
      for (std::size_t i = 0; i < photo.people.size(); ++i) {
        if (form == "boxes") {
          const Detection &a = photo.people[i].detection, &b = (*original)->boxes[i];
          test::expect_same(a, b);
          EXPECT_TRUE(photo.people[i].joints.empty());
          continue;
        }
        test::expect_same_joints(photo.people[i], (*original)->people[i]);
        if (form == "coco" || form == "coco-eval") {
          EXPECT_EQ(photo.people[i].score, (*original)->people[i].score);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, RoundTrip, testing::Values("coco", "coco-eval", "cmu", "open", "boxes"));

TEST(Forms, AreToldApartAndStrangersAreNone) {
  const auto name_of = [](const char* text) -> std::string {
    const ResultForm* form = recognise_form(json::parse(text));
    return form ? std::string(form->name) : "";
  };
  EXPECT_EQ(name_of("[]"), "coco");
  EXPECT_EQ(name_of(R"([{"image_id": "a", "keypoints": []}])"), "coco");
  EXPECT_EQ(name_of(R"([{"image_id": "a", "keypoints": [], "bbox": []}])"), "coco");
  EXPECT_EQ(name_of(R"([{"image_id": 7, "keypoints": []}])"), "coco-eval");
  EXPECT_EQ(name_of(R"([{"image_id": 7, "bbox": []}])"), "boxes");
  EXPECT_EQ(name_of(R"({"a": {"bodies": []}})"), "cmu");
  EXPECT_EQ(name_of(R"({"a": {"people": []}})"), "open");
  for (const char* stranger : {"{}", "1", "null", "\"x\"", "[1]", "[{}]", R"([{"image_id": 1}])",
                               R"({"a": 1})", R"({"a": {"persons": []}})", "[[]]"})
    EXPECT_EQ(name_of(stranger), "") << stranger;
}

TEST(Forms, NameThePlaceOfAFault) {
  const auto refused = [](const char* form, const char* text, const std::string& part) {
    SCOPED_TRACE(text);
    test::expect_error(ErrorKind::kFormat, part,
                       [&] { result_form(form).read(json::parse(text), "f.json"); });
  };
  const char* coco = R"([{"image_id": "a", "category_id": 1, "score": 1, "keypoints": [1, 2, 3]}, )";
  refused("coco", (std::string(coco) + "7]").c_str(), "f.json: [1] must be an object");
  refused("coco",
          (std::string(coco) + R"({"image_id": "a", "category_id": 1, "score": 1, "keypoints": [1, 2]}])")
              .c_str(),
          "f.json: [1].keypoints must be a list");
  refused(
      "coco",
      (std::string(coco) + R"({"image_id": "a", "category_id": 1, "score": 1, "keypoints": [1, 2, "3"]}])")
          .c_str(),
      "[1].keypoints[2] must be a number");
  refused(
      "coco",
      (std::string(coco) + R"({"image_id": "a", "category_id": 1, "score": 1, "keypoints": [1, -2e6, 3]}])")
          .c_str(),
      "[1].keypoints[1] is out of range");
  refused("coco", (std::string(coco) + R"({"image_id": "a", "category_id": 1, "score": 1}])").c_str(),
          "[1].bbox is missing");
  refused("coco", (std::string(coco) + R"({"image_id": "a", "category_id": 1, "keypoints": []}])").c_str(),
          "[1].score is missing");
  refused("open", R"({"a": {"people": {}}})", "f.json: \"a\".people must be a list");
  refused("open", R"({"a": {"people": [{"pose_keypoints_2d": [1, 2, 3]}]}})",
          "\"a\".people[0].pose_keypoints_2d must have 18 joints");
  refused("cmu", R"({"a": {"bodies": [{}]}})", "\"a\".bodies[0].joints is missing");
  refused("cmu", R"({"a": 1})", "\"a\" must be an object");
  for (const char* form : {"coco", "coco-eval", "boxes"}) refused(form, "{}", "f.json: must be a list");
  for (const char* form : {"cmu", "open"}) refused(form, "[]", "f.json: must be an object");
}

TEST(Forms, SayWhichNamesTheyCannotHold) {
  EXPECT_EQ(result_form("coco").name_fault(std::string(5000, 'x')), "");
  EXPECT_EQ(result_form("boxes").name_fault("x"), "");
  EXPECT_EQ(result_form("coco-eval").name_fault("d/COCO_000042.jpg"), "");
  EXPECT_NE(result_form("coco-eval").name_fault("holiday.jpg").find("'holiday.jpg'"), std::string::npos);
  for (const char* form : {"open", "cmu"}) {
    EXPECT_EQ(result_form(form).name_fault("d/" + std::string(250, 'x') + ".jpg"), "");
    EXPECT_NE(result_form(form).name_fault("d/" + std::string(251, 'x') + ".jpg"), "");
  }
}

TEST(Forms, LongNamesOfOneStemKeepAFileEach) {
  const test::TempFolder folder;
  std::vector<PhotoRecord> photos = records(4);
  photos.erase(
      std::remove_if(photos.begin(), photos.end(), [](const PhotoRecord& p) { return p.people.empty(); }),
      photos.end());
  ASSERT_GE(photos.size(), 3u);
  photos.resize(3);
  const std::string stem(249, 's');
  photos[0].name = stem + ".a.jpg";
  photos[1].name = stem + ".b.jpg";
  photos[2].name = stem + ".c.jpg";
  const json all = written("open", photos, folder / "people.json");
  EXPECT_EQ(all.size(), 3u);
  std::vector<json> separate;
  for (const auto& entry : fs::directory_iterator(folder / "sep-json"))
    separate.push_back(json::parse(test::read_text(entry.path())));
  ASSERT_EQ(separate.size(), 3u);
  for (const PhotoRecord& photo : photos)
    EXPECT_NE(std::find(separate.begin(), separate.end(), all[photo.name]), separate.end()) << photo.name;
  EXPECT_EQ(json::parse(test::read_text(folder / ("sep-json/" + stem + ".json"))), all[photos[2].name]);
}

TEST(Names, CocoNumbersAndStems) {
  EXPECT_EQ(stem_of("a.b/c.d.jpg"), "c");
  EXPECT_EQ(stem_of(""), "");
  EXPECT_EQ(coco_digits("COCO_val2014_000000000042.jpg"), "42");
  EXPECT_EQ(coco_digits("x/000.png"), "0");
  EXPECT_EQ(coco_digits("7"), "7");
  for (const char* name : {"", "a", "a_", "4a.jpg", "-4.jpg", "4_a.jpg", ".4"})
    EXPECT_EQ(coco_digits(name), std::nullopt) << name;
  EXPECT_EQ(coco_number("COCO_0042.jpg"), 42);
  EXPECT_EQ(coco_digits("99999999999999999999"), "99999999999999999999");
  EXPECT_EQ(coco_number("99999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace pose
