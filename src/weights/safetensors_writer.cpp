#include "weights/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "weights/half.h"

namespace pose {
namespace {

constexpr std::size_t kHeaderAlignment = 8;

bool is_floating(DType dtype) {
  return dtype == DType::kF64 || dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

DType written_type(const TensorView& view, FloatWidth width) {
  return width == FloatWidth::kHalf && is_floating(view.dtype) ? DType::kF16 : view.dtype;
}

std::size_t written_bytes(const TensorView& view, FloatWidth width) {
  return static_cast<std::size_t>(view.elements()) * size_of(written_type(view, width));
}

std::string make_header(const TensorFile& file, FloatWidth width) {
  nlohmann::ordered_json header;
  header["__metadata__"]["format"] = "pt";  // other readers look for it
  std::size_t offset = 0;
  for (const TensorView& view : file.tensors()) {
    const std::size_t end = offset + written_bytes(view, width);
    header[view.name] = {{"dtype", to_string(written_type(view, width))},
                         {"shape", view.shape},
                         {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((kHeaderAlignment - text.size() % kHeaderAlignment) % kHeaderAlignment, ' ');
  return text;
}

void write_elements(AtomicFile& out, const TensorView& view, FloatWidth width) {
  std::vector<std::uint8_t> bytes(written_bytes(view, width));
  if (written_type(view, width) == view.dtype) {
    copy_contiguous(view, bytes.data());
  } else {
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    copy_as_f32(view, values.data());
    auto* halves = reinterpret_cast<std::uint16_t*>(bytes.data());
    for (const float value : values) *halves++ = f32_to_f16(value);
  }
  out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void write_safetensors(const std::string& path, const TensorFile& file, FloatWidth width) {
  const std::string header = make_header(file, width);
  const std::uint64_t length = header.size();
  AtomicFile out(path);
  out.write({reinterpret_cast<const char*>(&length), sizeof length});
  out.write(header);
  for (const TensorView& view : file.tensors()) write_elements(out, view, width);
  out.commit();
}

}  // namespace pose
