#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/lookup.h"
#include "base/number_text.h"
#include "results/form_rows.h"

namespace pose {
namespace {

std::string any_name(const std::string&) { return ""; }

const std::vector<ResultForm> kForms{
    {"alphapose-master", "list of people with their boxes (AlphaPose since 0.3)", false, &is_alphapose_master,
     &read_coco_list, nullptr, &any_name},
    {"coco", "list of people, joints as the model has them (AlphaPose's default)", false, &is_coco,
     &read_coco_list, &write_coco, &any_name},
    {"cmu", "images with bodies of 18 joints (AlphaPose --format cmu)", false, &is_cmu, &read_cmu, &write_cmu,
     &open_name_fault},
    {"open", "images with people of 18 joints (OpenPose's names)", false, &is_open, &read_open, &write_open,
     &open_name_fault},
    {"coco-eval", "as coco, with COCO's image numbers, for the evaluation tools", false, &is_coco_eval,
     &read_coco_list, &write_coco_eval, &coco_eval_name_fault},
    {"boxes", "list of the detector's boxes (--save_boxes)", false, &is_boxes, &read_coco_list, &write_boxes,
     &any_name},
    {"coco-dataset", "data set with images, annotations and categories", false, &is_coco_dataset,
     &read_coco_dataset, nullptr, &any_name},
    {"openpose", "OpenPose's file of a photo, 18 or 25 joints", true, &is_openpose, &read_openpose, nullptr,
     &any_name},
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
    if (form.recognise(document)) return &form;
  return nullptr;
}

std::string joint_text(const Joint& joint) {
  return number_text(joint.x) + ", " + number_text(joint.y) + ", " + number_text(joint.score);
}

}  // namespace pose
