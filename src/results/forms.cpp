#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/lookup.h"
#include "base/number_text.h"
#include "results/form_rows.h"

namespace pose {
namespace {

std::string any_name(const std::string&) { return ""; }

/// AlphaPose's other two forms are of COCO's joints.
std::string coco_skeleton(const Results&) { return "coco17"; }

/// OpenPose has two skeletons; COCO's joints have all of one but the neck.
std::string openpose_skeleton(const Results& results) {
  return results.skeleton == "openpose25" ? "openpose25" : "openpose18";
}

constexpr unsigned kList = kJoints | kJointScores | kPersonScores | kNames;
constexpr unsigned kLabels = kJoints | kVisibility | kBoxes | kNames | kNobody | kBoxesAlone | kMixed;

const std::vector<ResultForm> kForms{
    {"alphapose-master", "list of people with their boxes (AlphaPose since 0.3)", false,
     kList | kBoxes | kTracks, &is_alphapose_master, &read_coco_list, nullptr, &any_name,
     &write_alphapose_master},
    {"coco", "list of people, joints as the model has them (AlphaPose's default)", false, kList, &is_coco,
     &read_coco_list, &write_coco, &any_name},
    {"cmu", "images with bodies of 18 joints (AlphaPose --format cmu)", false,
     kJoints | kJointScores | kNames, &is_cmu, &read_cmu, &write_cmu, &open_name_fault, nullptr,
     &coco_skeleton},
    {"open", "images with people of 18 joints (OpenPose's names)", false, kJoints | kJointScores | kNames,
     &is_open, &read_open, &write_open, &open_name_fault, nullptr, &coco_skeleton},
    {"coco-eval", "as coco, with COCO's image numbers, for the evaluation tools", false,
     kJoints | kJointScores | kPersonScores, &is_coco_eval, &read_coco_list, &write_coco_eval,
     &coco_eval_name_fault},
    {"boxes", "list of the detector's boxes (--save_boxes)", false,
     kBoxes | kBoxesAlone | kPersonScores | kNames, &is_boxes, &read_coco_list, &write_boxes, &any_name},
    {"coco-dataset", "data set with images, annotations and categories", false,
     kLabels | kPersonScores | kCrowds, &is_coco_dataset, &read_coco_dataset, nullptr, &any_name,
     &write_coco_dataset},
    {"openpose", "OpenPose's files, 18 or 25 joints", true, kJoints | kJointScores | kNames | kNobody,
     &is_openpose, &read_openpose, nullptr, &any_name, &write_openpose, &openpose_skeleton},
    {"mmpose", "mmpose's predictions, a file per photo", true,
     kJoints | kJointScores | kPersonScores | kBoxes | kNames | kNobody, &is_mmpose, &read_mmpose, nullptr,
     &any_name, &write_mmpose},
    {"labelme", "labelme's files, points of one person in one group", true, kLabels, &is_labelme,
     &read_labelme, nullptr, &any_name, &write_labelme},
    {"yolo-pose", "YOLO's labels, a text file per photo", true, kLabels & ~kMixed, nullptr, nullptr, nullptr,
     &any_name, &write_yolo_pose, nullptr, &is_yolo_pose, &read_yolo_pose},
    {"csv", "a table with a row per person", false, kList | kBoxes | kNobody | kBoxesAlone | kMixed, nullptr,
     nullptr, nullptr, &any_name, &write_csv, nullptr, &is_csv, &read_csv},
    {"jsonl", "a line of JSON per person, as coco with boxes", false, kList | kBoxes | kBoxesAlone, nullptr,
     nullptr, nullptr, &any_name, &write_jsonl},
};

}  // namespace

const std::vector<ResultForm>& result_forms() { return kForms; }

const ResultForm& result_form(std::string_view name) {
  std::vector<ResultForm> written;
  for (const ResultForm& form : kForms)
    if (form.write) written.push_back(form);
  const std::string_view known = lookup(written, name, "output format").name;
  return *std::find_if(kForms.begin(), kForms.end(), [&](const ResultForm& f) { return f.name == known; });
}

const ResultForm* recognise_form(const nlohmann::json& document) {
  for (const ResultForm& form : kForms)
    if (form.recognise && form.recognise(document)) return &form;
  return nullptr;
}

std::string joint_text(const Joint& joint) {
  return number_text(joint.x) + ", " + number_text(joint.y) + ", " + number_text(joint.score);
}

}  // namespace pose
