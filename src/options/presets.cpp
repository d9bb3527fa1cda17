#include "options/presets.h"

#include "base/lookup.h"
#include "pose/options.h"

namespace pose {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> table{
      {"small", "bundled, for a first look and where speed counts", "person-small", "pose-small-256x192",
       "off"},
      {"fast", "good poses of people that are not too small", "yolov4-tiny", "hrnet-w32-256x192", "off"},
      {"accurate", "the best that there is a card for, with a flip test", "yolov4", "hrnet-w48-384x288",
       "shift"},
      {"alphapose", "what AlphaPose runs (branch pytorch, with its fast inference)", "yolov3-spp",
       "fastpose-se101-duc", "off"},
      {"hrnet-paper", "HRNet as its paper measures it; its figures need its boxes: --detfile", "yolov3-spp",
       "hrnet-w32-256x192", "shift"},
  };
  return table;
}

ModelOptions preset_models(std::string_view name) {
  const Preset& preset = lookup(presets(), name, "preset");
  ModelOptions models;
  models.detector = preset.detector;
  models.pose_model = preset.pose_model;
  models.flip = preset.flip;
  return models;
}

}  // namespace pose
