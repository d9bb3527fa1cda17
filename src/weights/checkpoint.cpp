#include "weights/checkpoint.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pose {
namespace {

constexpr std::string_view kHeads[] = {"keypoint_head.", "head."};
constexpr std::string_view kHeadLayers[] = {"final_layer.", "deconv_layers."};

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

void strip(std::string& name, std::string_view prefix) {
  if (starts_with(name, prefix)) name.erase(0, prefix.size());
}

void strip_head(std::string& name) {
  for (const std::string_view head : kHeads)
    for (const std::string_view layer : kHeadLayers)
      if (starts_with(name, head) && starts_with(std::string_view(name).substr(head.size()), layer))
        strip(name, head);
}

}  // namespace

TensorFile canonical(const TensorFile& file) {
  std::vector<TensorView> views = file.tensors();
  for (TensorView& view : views) strip(view.name, "module.");
  const bool has_neck = std::any_of(views.begin(), views.end(),
                                    [](const TensorView& v) { return starts_with(v.name, "neck."); });
  for (TensorView& view : views) {
    if (!has_neck) strip(view.name, "backbone.");
    strip_head(view.name);
  }
  return TensorFile(file.format(), std::move(views), std::make_shared<TensorFile>(file));
}

}  // namespace pose
