#include "graph/graph.h"

namespace pose {

std::string to_string(const Chw& s) {
  return std::to_string(s.c) + "x" + std::to_string(s.h) + "x" + std::to_string(s.w);
}

std::string_view to_string(Op op) {
  switch (op) {
    case Op::kInput: return "input";
    case Op::kConv: return "conv";
    case Op::kConvTranspose: return "conv_transpose";
    case Op::kLinear: return "linear";
    case Op::kBatchNorm: return "batch_norm";
    case Op::kActivation: return "activation";
    case Op::kAdd: return "add";
    case Op::kConcat: return "concat";
    case Op::kSlice: return "slice";
    case Op::kMaxPool: return "max_pool";
    case Op::kAvgPool: return "avg_pool";
    case Op::kGlobalAvgPool: return "global_avg_pool";
    case Op::kUpsample: return "upsample";
    case Op::kPixelShuffle: return "pixel_shuffle";
    case Op::kScaleChannels: return "scale_channels";
  }
  return "";
}

}  // namespace pose
