#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pose/skeleton.h"

namespace pose {

/// Most bytes of a file of people: ground truth or results.
constexpr std::size_t kLargestPeopleFile = std::size_t{4} << 30;

/// A person that was labelled by hand, or a crowd.
struct TruePerson {
  std::int64_t id = 0;
  int photo = 0;                                  ///< place in `GroundTruth::photos`
  std::vector<double> joints;                     ///< x, y, label of every joint; a label of 0: not labelled
  int labelled = 0;                               ///< joints with a label
  std::array<double, 4> box{};                    ///< x, y, width, height
  std::optional<std::array<double, 4>> head_box;  ///< as `box`
  double area = 0;                                ///< of the person's outline, pixels^2
  bool crowd = false;                             ///< many people in one box: may be found more than once
  bool ignored = false;  ///< costs nothing if missed: crowds, and people without labelled joints
};

struct TruePhoto {
  std::int64_t id = 0;
  std::string name;  ///< may be empty
};

struct GroundTruth {
  std::string file;
  const Skeleton* skeleton = nullptr;
  std::int64_t category = 0;       ///< the id of "person"
  std::vector<TruePhoto> photos;   ///< by ascending id
  std::vector<TruePerson> people;  ///< in the order of the file
  std::vector<std::string> notes;
};

/// Reads a file of COCO's form (src/evaluate/README.md, 1). Throws as `evaluate_keypoints`.
GroundTruth read_ground_truth(const std::string& path);

}  // namespace pose
