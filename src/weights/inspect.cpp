#include "weights/inspect.h"

#include "base/sha256.h"
#include "weights/formats.h"

namespace pose {

WeightFileInfo inspect_weight_file(const std::string& path) {
  const WeightBytes file = map_weight_file(path);
  const WeightFormat& format = recognise_format(file);
  WeightContent content = format.read(file);
  WeightFileInfo info;
  info.path = path;
  info.format = format.name;
  info.file_bytes = file.size;
  info.sha256 = sha256_of_file(path);
  info.facts = std::move(content.facts);
  info.tensors = std::move(content.tensors);
  for (const TensorView& view : info.tensors.tensors()) {
    info.parameters += view.elements();
    info.tensor_bytes += view.elements() * static_cast<std::int64_t>(size_of(view.dtype));
  }
  return info;
}

}  // namespace pose
