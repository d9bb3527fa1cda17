#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pose/blob.h"

namespace pose::test {

/// The 17 maps [17, 80, 64] of one person of `decode.json`.
Blob alphapose_heatmaps(const nlohmann::json& person, const std::string& case_name, int person_index,
                        double noise);

/// The maps [joints, h, w] that `hrnet_decode.json` describes.
Blob hrnet_heatmaps(const nlohmann::json& description);

}  // namespace pose::test
