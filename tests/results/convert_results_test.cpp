// Every form written and read again, and what is told of what a form does not hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pose/results.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

/// Joint `k` at (x + k, 2k + 1), as sure as 0.5 and a bit; the box is around them.
Person person_at(float x, std::size_t joints) {
  Person person;
  person.score = 2.25;
  const Rect box{x - 5.5, 0.25, 40.5, 60};
  person.detection = {box.corners(), 2.25f, 2.25f, 0, box};
  for (std::size_t k = 0; k < joints; ++k) {
    const auto step = static_cast<float>(k);
    person.joints.push_back({x + step + 0.125f, 2 * step + 1, 0.5f + step / 64});
  }
  return person;
}

/// Three photos below a folder, the second with nobody on it.
Results results_of(const std::string& skeleton_name) {
  Results results;
  results.form = "csv";
  results.skeleton = skeleton_name;
  for (const JointInfo& joint : skeleton(skeleton_name).joints) results.joint_names.emplace_back(joint.name);
  results.limbs = skeleton(skeleton_name).limbs;
  const std::size_t joints = results.joint_names.size();
  const Size size{640, 480};
  results.photos.push_back({"a_1.jpg", {}, size, {person_at(100, joints), person_at(300, joints)}, {}});
  results.photos.push_back({"c, \"x\"/b_2.jpg", {}, size, {}, {}});
  results.photos.push_back({"d/c_3.v2.jpg", {}, size, {person_at(7, joints)}, {}});
  return results;
}

std::string without_ending(const std::string& name) { return fs::path(name).replace_extension().string(); }

class Convert : public testing::Test {
 protected:
  /// As `form` and back.
  Results there_and_back(const Results& results, const std::string& form) {
    converted_ = convert_results(results, folder_ / form, form);
    return read_results(folder_ / form, photos_);
  }

  const test::TempFolder folder_;
  std::string photos_;
  ConvertedResults converted_;
};

void expect_same_people(const PhotoPeople& read, const PhotoPeople& written, unsigned holds) {
  SCOPED_TRACE(written.name);
  ASSERT_EQ(read.people.size(), written.people.size());
  for (std::size_t i = 0; i < read.people.size(); ++i) {
    const Person &a = read.people[i], &b = written.people[i];
    if (holds & kJoints) {
      ASSERT_EQ(a.joints.size(), b.joints.size());
      for (std::size_t k = 0; k < a.joints.size(); ++k) {
        EXPECT_EQ(a.joints[k].x, b.joints[k].x);
        EXPECT_EQ(a.joints[k].y, b.joints[k].y);
        EXPECT_EQ(a.joints[k].score, holds & kVisibility ? 2 : b.joints[k].score);
      }
    }
    if (holds & kPersonScores) {
      EXPECT_EQ(a.score, b.score);
    }
    if (holds & kBoxes) {
      EXPECT_EQ(a.detection.box.x1, b.detection.box.x1);
      EXPECT_EQ(a.detection.box.y2, b.detection.box.y2);
    }
  }
}

TEST_F(Convert, EveryFormComesBackAsFarAsItHolds) {
  for (const ResultForm& form : result_forms()) {
    if (form.name == "yolo-pose") continue;  // in shares: see below
    SCOPED_TRACE(std::string(form.name));
    const Results written = results_of("coco17");
    const Results read = there_and_back(written, std::string(form.name));
    EXPECT_EQ(read.form, form.name == "jsonl" ? "coco" : form.name);
    const bool by_stem = form.name == "openpose" || form.name == "mmpose";
    for (const PhotoPeople& photo : written.photos) {
      const auto same = std::find_if(read.photos.begin(), read.photos.end(), [&](const PhotoPeople& p) {
        if (!(form.holds & kNames)) return p.number == photo.name[photo.name.find('_') + 1] - '0';
        return p.name == (by_stem ? without_ending(photo.name) : photo.name);
      });
      if (photo.people.empty()) {
        EXPECT_EQ(same != read.photos.end(), (form.holds & kNobody) != 0) << photo.name;
        continue;
      }
      ASSERT_NE(same, read.photos.end()) << photo.name;
      if (form.name == "openpose") continue;  // other joints: see below
      expect_same_people(*same, photo, form.holds);
      if (form.holds & kVisibility) {
        EXPECT_EQ(same->size.width, 640);
      }
    }
    EXPECT_EQ(read.skeleton, !(form.holds & kJoints)   ? ""
                             : form.name == "openpose" ? "openpose18"
                                                       : "coco17");
  }
}

TEST_F(Convert, SharesComeBackWithThePhotos) {
  const Results written = results_of("coco17");
  convert_results(written, folder_ / "yolo", "yolo-pose");
  EXPECT_EQ(test::read_text(folder_ / "yolo/a_1.txt").substr(0, 12), "0 0.17929687");
  const std::string yaml = test::read_text(folder_ / "yolo/data.yaml");
  EXPECT_NE(yaml.find("kpt_shape: [17, 3]\nflip_idx: [0, 2, 1, 4, 3, 6, 5,"), std::string::npos) << yaml;
  test::expect_error(ErrorKind::kFormat, "(--photos DIR)", [&] { read_results(folder_ / "yolo"); });
  fs::create_directories(folder_ / "photos/d");
  fs::create_directories(folder_ / "photos/c, \"x\"");
  for (const PhotoPeople& photo : written.photos)
    test::write_text(folder_ / ("photos/" + photo.name), "P5 640 480 255\n" + std::string(640 * 480, 'x'));
  const Results read = read_results(folder_ / "yolo", folder_ / "photos");
  EXPECT_EQ(read.form, "yolo-pose");
  ASSERT_EQ(read.photos.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.photos[i].name, written.photos[i].name);
    ASSERT_EQ(read.photos[i].people.size(), written.photos[i].people.size());
    for (std::size_t n = 0; n < read.photos[i].people.size(); ++n) {
      const Person &a = read.photos[i].people[n], &b = written.photos[i].people[n];
      EXPECT_NEAR(a.joints[16].x, b.joints[16].x, 1e-3);
      EXPECT_NEAR(a.joints[16].y, b.joints[16].y, 1e-3);
      EXPECT_EQ(a.joints[16].score, 2);
      EXPECT_EQ(a.detection.box.x1, b.detection.box.x1);
      EXPECT_EQ(a.detection.box.y2, b.detection.box.y2);
    }
  }
  Results unknown = written;
  unknown.photos[0].size = {};
  test::expect_error(ErrorKind::kUsage, "the size of 'a_1.jpg' is not known",
                     [&] { convert_results(unknown, folder_ / "yolo2", "yolo-pose"); });
}

TEST_F(Convert, PhotosGiveWholeNamesAndSizes) {
  fs::create_directories(folder_ / "photos/d");
  for (const char* name : {"a_1.jpg", "d/c_3.v2.jpg", "broken.jpg"})
    test::write_text(folder_ / (std::string("photos/") + name), "P5 3 2 255\nxxxxxx");
  test::write_text(folder_ / "photos/broken.jpg", "no picture");
  Results results = results_of("coco17");
  results.photos[1].name = "broken";
  results.photos[1].size = {};
  photos_ = folder_ / "photos";
  const Results read = there_and_back(results, "openpose");
  ASSERT_EQ(read.photos.size(), 3u);
  EXPECT_EQ(read.photos[0].name, "a_1.jpg");
  EXPECT_EQ(read.photos[0].size.width, 3);
  EXPECT_EQ(read.photos[0].size.height, 2);
  EXPECT_EQ(read.photos[1].name, "broken.jpg");
  EXPECT_EQ(read.photos[1].size.width, 0);
  EXPECT_EQ(read.photos[2].name, "d/c_3.v2.jpg");
}

TEST_F(Convert, DotsInNamesWithoutAnEndingStay) {
  Results results = results_of("coco17");
  results.photos[2].name = "d/c_3.v2";
  EXPECT_EQ(there_and_back(results, "mmpose").photos[2].name, "d/c_3.v2");
  results.photos[2].name = "d/c_3.JPG";
  EXPECT_EQ(there_and_back(results, "openpose").photos[2].name, "d/c_3");
}

TEST_F(Convert, AReportGivesSizesAndPhotosWithNobody) {
  const std::string run = folder_ / "run";
  fs::create_directory(run);
  convert_results(results_of("coco17"), run + "/alphapose-results.json", "coco");
  test::write_text(run + "/run.json", R"({"images": [
      {"name": "nobody.jpg", "status": "ok", "width": 5, "height": 6},
      {"name": "bad.jpg", "status": "failed", "width": 0, "height": 0},
      {"name": "a_1.jpg", "status": "ok", "width": 7, "height": 8}]})");
  const Results read = read_results(run);
  ASSERT_EQ(read.photos.size(), 3u);
  EXPECT_EQ(read.photos[0].name, "nobody.jpg");
  EXPECT_TRUE(read.photos[0].people.empty());
  EXPECT_EQ(read.photos[1].size.width, 7);
  EXPECT_EQ(read.photos[1].people.size(), 2u);
  EXPECT_EQ(read.photos[2].name, "d/c_3.v2.jpg") << "which the report does not have";
}

TEST_F(Convert, JointsAreBroughtToTheSkeletonOfTheForm) {
  const Results coco = results_of("coco17");
  const Results open = there_and_back(coco, "openpose");
  const std::vector<Joint>&from = coco.photos[0].people[0].joints, &to = open.photos[0].people[0].joints;
  ASSERT_EQ(to.size(), 18u);
  EXPECT_EQ(to[0].x, from[0].x);
  EXPECT_EQ(to[1].x, (from[5].x + from[6].x) / 2) << "the neck";
  EXPECT_EQ(to[1].score, (from[5].score + from[6].score) / 2);
  EXPECT_EQ(to[4].x, from[10].x) << "the right wrist";
  EXPECT_EQ(to[17].y, from[3].y) << "the left ear";
  const Results body = results_of("openpose25");
  EXPECT_EQ(there_and_back(body, "openpose").skeleton, "openpose25");
  EXPECT_EQ(there_and_back(body, "cmu").skeleton, "coco17");
  EXPECT_EQ(converted_.left_out[0],
            "joints that coco17 does not have: neck, mid_hip, left_big_toe, left_small_toe, left_heel, "
            "right_big_toe, right_small_toe, right_heel");
  convert_results(body, folder_ / "18.csv", "csv", "coco17");
  EXPECT_EQ(read_results(folder_ / "18.csv").joint_names.size(), 17u);
  Results strange = coco;
  strange.skeleton = "";
  for (std::string& name : strange.joint_names) name += "?";
  test::expect_error(ErrorKind::kMismatch, "have no names that the skeleton 'openpose18' knows",
                     [&] { there_and_back(strange, "openpose"); });
}

TEST_F(Convert, WhatAFormDoesNotHoldIsTold) {
  Results results = results_of("coco17");
  there_and_back(results, "csv");
  EXPECT_EQ(converted_.left_out, Lines{});
  there_and_back(results, "coco");
  EXPECT_EQ(converted_.left_out, (Lines{"boxes", "photos with nobody on them"}));
  there_and_back(results, "coco-eval");
  EXPECT_EQ(converted_.left_out, (Lines{"boxes", "names of photos", "photos with nobody on them"}));
  there_and_back(results, "boxes");
  EXPECT_EQ(converted_.left_out, (Lines{"joints", "scores of joints", "photos with nobody on them"}));
  there_and_back(results, "labelme");
  EXPECT_EQ(converted_.left_out, (Lines{"scores of joints", "scores of people"}));
  EXPECT_EQ(converted_.photos, 3u);
  EXPECT_EQ(converted_.people, 3u);
  results.photos[0].people[0].joints.clear();
  results.photos[0].crowds.push_back(person_at(1, 17));
  there_and_back(results, "mmpose");
  EXPECT_EQ(converted_.left_out, (Lines{"people without joints", "crowds"}));
  EXPECT_EQ(converted_.people, 2u);
}

TEST_F(Convert, BoxesAloneGoWhereBoxesGo) {
  Results boxes = results_of("coco17");
  for (PhotoPeople& photo : boxes.photos)
    for (Person& person : photo.people) person.joints.clear();
  for (const char* form : {"boxes", "coco-dataset", "labelme", "csv", "jsonl"}) {
    SCOPED_TRACE(form);
    const Results read = there_and_back(boxes, form);
    EXPECT_EQ(read.photos[0].people.at(1).detection.box.x1, 294.5f);
    EXPECT_TRUE(read.photos[0].people[1].joints.empty());
  }
  for (const char* form : {"coco", "openpose", "mmpose"})
    test::expect_error(ErrorKind::kMismatch, "boxes without joints", [&] { there_and_back(boxes, form); });
}

TEST_F(Convert, DataSetsKeepTheirNumbersLabelsAndCrowds) {
  Results labels = results_of("mpii16");
  labels.visibility = true;
  labels.photos[1].number = 1;
  labels.photos[2].people[0].joints[3] = {5, 6, 1};
  labels.photos[2].people[0].joints[4] = {0, 0, 0};
  for (Joint& joint : labels.photos[0].people[0].joints) joint.score = 2;
  labels.photos[0].crowds.push_back(person_at(9, 16));
  const Results read = there_and_back(labels, "coco-dataset");
  EXPECT_EQ(read.photos[0].number, 2) << "the first that is free";
  EXPECT_EQ(read.photos[1].number, 1);
  EXPECT_EQ(read.photos[2].number, 3);
  EXPECT_EQ(read.joint_names, labels.joint_names);
  EXPECT_EQ(read.limbs, labels.limbs);
  EXPECT_EQ(read.skeleton, "mpii16");
  EXPECT_EQ(read.photos[0].crowds.size(), 1u);
  EXPECT_EQ(read.photos[2].people[0].joints[3].score, 1);
  EXPECT_EQ(read.photos[2].people[0].joints[4].score, 0);
  const json file = json::parse(test::read_text(folder_ / "coco-dataset"));
  EXPECT_EQ(file["annotations"][0]["num_keypoints"], 16);
  EXPECT_EQ(file["annotations"][0]["area"], 40.5 * 60);
  EXPECT_EQ(file["annotations"][0]["iscrowd"], 0);
  there_and_back(labels, "coco");
  EXPECT_EQ(converted_.left_out[0], "whether joints are hidden");
  EXPECT_EQ(there_and_back(labels, "coco").photos[0].people[0].joints[0].score, 1);
}

TEST_F(Convert, NumbersBecomeCocosNamesAndNamesNumbers) {
  Results numbers = results_of("coco17");
  for (PhotoPeople& photo : numbers.photos) photo.name.clear();
  numbers.photos[0].number = 42;
  numbers.photos[1].number = 7;
  numbers.photos[2].number = 1;
  EXPECT_EQ(there_and_back(numbers, "coco").photos[0].name, "000000000042.jpg");
  EXPECT_EQ(there_and_back(numbers, "coco-eval").photos[0].number, 42);
  Results both = results_of("coco17");
  both.photos[0].number = 5;
  EXPECT_EQ(there_and_back(both, "coco-eval").photos[0].number, 5);
  both.photos[0].number.reset();
  both.photos[0].name = "holiday.jpg";
  test::expect_error(ErrorKind::kUsage, "'holiday.jpg' does not", [&] { there_and_back(both, "coco-eval"); });
}

TEST_F(Convert, NamesThatLeadElsewhereAndSharedFilesAreRefused) {
  Results results = results_of("coco17");
  for (const char* name : {"../x.jpg", "/x.jpg", "a/../../x.jpg"}) {
    results.photos[0].name = name;
    for (const char* form : {"openpose", "mmpose", "labelme", "yolo-pose"})
      test::expect_error(ErrorKind::kUsage, "its name leads elsewhere",
                         [&] { there_and_back(results, form); });
  }
  results.photos[0].name = "d/c_3.v2.png";
  test::expect_error(ErrorKind::kUsage, "the photos 'd/c_3.v2.png' and 'd/c_3.v2.jpg' would have one file",
                     [&] { there_and_back(results, "openpose"); });
  test::expect_error(ErrorKind::kUsage, "did you mean 'openpose'",
                     [&] { there_and_back(results, "openpos"); });
}

TEST_F(Convert, FaultsOfTextsAreNamed) {
  const auto refused = [&](const std::string& text, const std::string& part) {
    SCOPED_TRACE(text);
    test::write_text(folder_ / "p", text);
    test::expect_error(ErrorKind::kFormat, part, [&] { read_results(folder_ / "p"); });
  };
  const std::string head = "photo,person,score,box_x,box_y,box_width,box_height";
  refused(head + ",nose_x\n", "p, line 1: must name x, y and score of every joint");
  refused(head + ",nose_x,nose_y,eye_score\n", "not 'eye_score'");
  refused(head + "\na,1,1,,,,,1\n", "p, line 2: has 8 cells, and the first line has 7");
  refused(head + "\n\na,1,x,,,,\n", "p, line 3: score must be a number");
  refused(head + "\na,1,nan,,,,\n", "score is out of range");
  refused(head + "\na,1,1,1,1,-1,1\n", "the box's sides must not be negative");
  refused(head + "\n\"a,1", "a quoted cell does not end");
  refused(head + "\n\"a\"b,1,1,,,,\n", "has text behind a quoted cell");
  refused("0 0.5 0.5 1 1\n0 0.5 0.5 1\n", "p, line 2: must be a class, a box of 4 shares");
  refused("0 0.5 0.5 1 9999\n", "p, line 1: must be a class");
  refused(R"([{"keypoints": [[1, 2]], "keypoint_scores": []}])",
          "[0].keypoints must be a list of [x, y], as long");
  refused(R"([{"keypoints": [[1]], "keypoint_scores": [1]}])", "[0].keypoints[0] must be [x, y]");
  refused(R"([{"keypoints": [], "keypoint_scores": [], "bbox": [[3, 1, 2, 2]]}])",
          "[0].bbox is out of range");
  const auto labelme = [](const std::string& shapes) {
    return R"({"imagePath": "a.jpg", "shapes": [)" + shapes + "]}";
  };
  const std::string nose = R"({"label": "nose", "shape_type": "point", "points": [[1, 2]], "group_id": 1})";
  refused(labelme(nose + "," + nose), "shapes[1].label stands twice in its group: 'nose'");
  refused(labelme(R"({"label": "nose", "shape_type": "point", "points": [[1, 2]]})"),
          "shapes[0].group_id is missing");
  refused(labelme(R"({"label": "nose", "shape_type": "point", "points": [], "group_id": 1})"),
          "must be a list of 1");
  refused(labelme(R"({"label": "beak", "shape_type": "point", "points": [[1, 2]], "group_id": 1})"),
          "'beak' is none");
}

}  // namespace
}  // namespace pose
