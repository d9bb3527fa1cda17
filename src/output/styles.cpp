#include <array>

#include "base/lookup.h"
#include "output/draw.h"
#include "pose/output.h"

namespace pose {
namespace {

constexpr std::array<DrawingStyle, 3> kStyles{{
    {"pose", "full resolution, left and right apart, fading with confidence", &draw_pose},
    {"alphapose", "AlphaPose's colours and limbs, drawn at half size as it does", &draw_alphapose},
    {"alphapose-fast", "AlphaPose's quick drawing (--vis_fast)", &draw_alphapose_fast},
}};

}  // namespace

const DrawingStyle& drawing_style(std::string_view name) { return lookup(kStyles, name, "drawing style"); }

}  // namespace pose
