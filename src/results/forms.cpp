#include <array>
#include <nlohmann/json.hpp>

#include "base/lookup.h"
#include "base/number_text.h"
#include "results/form_rows.h"

namespace pose {
namespace {

std::string any_name(const std::string&) { return ""; }

constexpr std::array<ResultForm, 5> kForms{{
    {"coco", "list of people, joints as the model has them (AlphaPose's default)", &is_coco, &read_coco_list,
     &write_coco, &any_name},
    {"cmu", "images with bodies of 18 joints (AlphaPose --format cmu)", &is_cmu, &read_cmu, &write_cmu,
     &open_name_fault},
    {"open", "images with people of 18 joints (OpenPose's names)", &is_open, &read_open, &write_open,
     &open_name_fault},
    {"coco-eval", "as coco, with COCO's image numbers, for the evaluation tools", &is_coco_eval,
     &read_coco_list, &write_coco_eval, &coco_eval_name_fault},
    {"boxes", "list of the detector's boxes (--save_boxes)", &is_boxes, &read_coco_list, &write_boxes,
     &any_name},
}};

}  // namespace

const ResultForm& result_form(std::string_view name) { return lookup(kForms, name, "output format"); }

const ResultForm* recognise_form(const nlohmann::json& document) {
  for (const ResultForm& form : kForms)
    if (form.recognise(document)) return &form;
  return nullptr;
}

std::string joint_text(const Joint& joint) {
  return number_text(joint.x) + ", " + number_text(joint.y) + ", " + number_text(joint.score);
}

}  // namespace pose
