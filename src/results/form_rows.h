#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pose/results.h"

namespace pose {

// The functions behind the table of forms. Layouts: src/results/README.md.

// Lists of entries with `image_id` and `category_id`: AlphaPose's default, the same for COCO's evaluation,
// and the detector's boxes.
bool is_coco(const nlohmann::json& document);
bool is_alphapose_master(const nlohmann::json& document);
bool is_coco_eval(const nlohmann::json& document);
bool is_boxes(const nlohmann::json& document);
Results read_coco_list(const nlohmann::json& document, const std::string& file);
std::unique_ptr<ResultWriter> write_coco(const std::string& path, const Skeleton& skeleton);
std::unique_ptr<ResultWriter> write_coco_eval(const std::string& path, const Skeleton& skeleton);
std::unique_ptr<ResultWriter> write_boxes(const std::string& path, const Skeleton& skeleton);
std::string coco_eval_name_fault(const std::string& name);

// Objects with a member per image and 18 joints a person.
bool is_cmu(const nlohmann::json& document);
bool is_open(const nlohmann::json& document);
Results read_cmu(const nlohmann::json& document, const std::string& file);
Results read_open(const nlohmann::json& document, const std::string& file);
std::unique_ptr<ResultWriter> write_cmu(const std::string& path, const Skeleton& skeleton);
std::unique_ptr<ResultWriter> write_open(const std::string& path, const Skeleton& skeleton);
std::string open_name_fault(const std::string& name);

// The same with boxes; a line per person.
void write_alphapose_master(const Results& results, const std::string& path);
void write_jsonl(const Results& results, const std::string& path);

// Data sets of COCO's form: `images`, `annotations`, `categories`.
bool is_coco_dataset(const nlohmann::json& document);
Results read_coco_dataset(const nlohmann::json& document, const std::string& file);
void write_coco_dataset(const Results& results, const std::string& path);

// Folders with a file per photo.
bool is_openpose(const nlohmann::json& document);
Results read_openpose(const nlohmann::json& document, const std::string& file);
void write_openpose(const Results& results, const std::string& path);
bool is_mmpose(const nlohmann::json& document);
Results read_mmpose(const nlohmann::json& document, const std::string& file);
void write_mmpose(const Results& results, const std::string& path);
bool is_labelme(const nlohmann::json& document);
Results read_labelme(const nlohmann::json& document, const std::string& file);
void write_labelme(const Results& results, const std::string& path);
bool is_yolo_pose(std::string_view text);
Results read_yolo_pose(std::string_view text, const std::string& file);
void write_yolo_pose(const Results& results, const std::string& path);

// A table.
bool is_csv(std::string_view text);
Results read_csv(std::string_view text, const std::string& file);
void write_csv(const Results& results, const std::string& path);

/// "x, y, score" of one joint.
std::string joint_text(const Joint& joint);

}  // namespace pose
