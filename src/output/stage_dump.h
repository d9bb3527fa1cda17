#pragma once

#include <string>
#include <vector>

#include "pose/blob.h"
#include "pose/crop.h"
#include "pose/person.h"

namespace pose {

/// What every stage produced for one photo.
struct StageDump {
  std::vector<Detection> boxes_before_nms;  ///< as the detector's rules have them at that point
  std::vector<Detection> boxes;
  std::vector<Crop> crops;
  std::vector<Blob> heatmaps;   ///< per person, `[channels, h, w]`, flip test included
  std::vector<Person> decoded;  ///< before pose NMS
  std::vector<Person> people;   ///< after it
};

/// Writes `folder`/boxes_before_nms.json, boxes.json, crops.json, heatmaps.npy, decoded.json and people.json.
void write_stage_dump(const std::string& folder, const StageDump& dump);

/// A NumPy file of f32 values, row-major. Throws `kIo`.
void write_npy(const std::string& path, const std::vector<std::int64_t>& shape,
               const std::vector<Blob>& parts);

}  // namespace pose
