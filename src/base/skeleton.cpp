#include "pose/skeleton.h"

#include "base/lookup.h"

namespace pose {
namespace {

// MPII states no tolerances per joint.
constexpr double kMpiiSigma = 0.08;

const std::vector<Skeleton>& skeletons() {
  static const std::vector<Skeleton> all{
      {"coco17",
       {{"nose", Side::kMiddle, .26 / 10},
        {"left_eye", Side::kLeft, .25 / 10},
        {"right_eye", Side::kRight, .25 / 10},
        {"left_ear", Side::kLeft, .35 / 10},
        {"right_ear", Side::kRight, .35 / 10},
        {"left_shoulder", Side::kLeft, .79 / 10},
        {"right_shoulder", Side::kRight, .79 / 10},
        {"left_elbow", Side::kLeft, .72 / 10},
        {"right_elbow", Side::kRight, .72 / 10},
        {"left_wrist", Side::kLeft, .62 / 10},
        {"right_wrist", Side::kRight, .62 / 10},
        {"left_hip", Side::kLeft, 1.07 / 10},
        {"right_hip", Side::kRight, 1.07 / 10},
        {"left_knee", Side::kLeft, .87 / 10},
        {"right_knee", Side::kRight, .87 / 10},
        {"left_ankle", Side::kLeft, .89 / 10},
        {"right_ankle", Side::kRight, .89 / 10}},
       {{15, 13},
        {13, 11},
        {16, 14},
        {14, 12},
        {11, 12},
        {5, 11},
        {6, 12},
        {5, 6},
        {5, 7},
        {6, 8},
        {7, 9},
        {8, 10},
        {1, 2},
        {0, 1},
        {0, 2},
        {1, 3},
        {2, 4},
        {3, 5},
        {4, 6}},
       {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}, {15, 16}}},
      {"mpii16",
       {{"right_ankle", Side::kRight, kMpiiSigma},
        {"right_knee", Side::kRight, kMpiiSigma},
        {"right_hip", Side::kRight, kMpiiSigma},
        {"left_hip", Side::kLeft, kMpiiSigma},
        {"left_knee", Side::kLeft, kMpiiSigma},
        {"left_ankle", Side::kLeft, kMpiiSigma},
        {"pelvis", Side::kMiddle, kMpiiSigma},
        {"thorax", Side::kMiddle, kMpiiSigma},
        {"upper_neck", Side::kMiddle, kMpiiSigma},
        {"head_top", Side::kMiddle, kMpiiSigma},
        {"right_wrist", Side::kRight, kMpiiSigma},
        {"right_elbow", Side::kRight, kMpiiSigma},
        {"right_shoulder", Side::kRight, kMpiiSigma},
        {"left_shoulder", Side::kLeft, kMpiiSigma},
        {"left_elbow", Side::kLeft, kMpiiSigma},
        {"left_wrist", Side::kLeft, kMpiiSigma}},
       {{0, 1},
        {1, 2},
        {2, 6},
        {6, 3},
        {3, 4},
        {4, 5},
        {6, 7},
        {7, 8},
        {8, 9},
        {10, 11},
        {11, 12},
        {12, 7},
        {7, 13},
        {13, 14},
        {14, 15}},
       {{0, 5}, {1, 4}, {2, 3}, {10, 15}, {11, 14}, {12, 13}}}};
  return all;
}

}  // namespace

const Skeleton& skeleton(std::string_view name) { return lookup(skeletons(), name, "skeleton"); }

}  // namespace pose
