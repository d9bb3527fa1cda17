#include <libheif/heif.h>

#include <algorithm>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/orientation.h"
#include "pose/error.h"

namespace pose {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Context = std::unique_ptr<heif_context, Freed<&heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Freed<&heif_image_handle_release>>;
using Image = std::unique_ptr<heif_image, Freed<&heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Freed<&heif_decoding_options_free>>;

void check(const heif_error& error) {
  if (error.code == heif_error_Ok) return;
  const std::string reason = error.message ? error.message : "";
  switch (error.code) {
    case heif_error_Unsupported_filetype:
    case heif_error_Unsupported_feature:
    case heif_error_Plugin_loading_error:
      throw Error::unsupported("libheif cannot read this picture (" + reason +
                               "); for HEIC it needs the package libheif-plugin-libde265, for AVIF "
                               "libheif-plugin-dav1d, where the system has plugins for them");
    case heif_error_Memory_allocation_error:
      throw Error::memory("not enough memory for this picture (HEIF: " + reason + ")");
    default: throw Error::format("the picture is damaged (HEIF: " + reason + ")");
  }
}

/// The content of the first box of that name among those that fill `boxes`.
Bytes box(const Bytes& boxes, std::string_view name) {
  for (std::size_t at = 0; at + 8 <= boxes.size();) {
    auto size = static_cast<std::size_t>(boxes.big(at, 4));
    if (size == 0) size = boxes.size() - at;
    if (size < 8) break;  // 64-bit sizes are for what fills gigabytes
    if (boxes.has(name, at + 4)) return boxes.part(at + 8, size - 8);
    at += size;
  }
  return boxes.part(boxes.size());
}

/// Whether the container says itself how its pictures lie: libheif heeds that.
bool turns_itself(const Bytes& file) {
  const Bytes properties = box(box(box(file, "meta").part(4), "iprp"), "ipco");
  return box(properties, "irot").size() > 0 || box(properties, "imir").size() > 0;
}

int exif_orientation_of(const heif_image_handle* handle) {
  heif_item_id id = 0;
  if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) != 1) return 1;
  std::vector<std::uint8_t> exif(heif_image_handle_get_metadata_size(handle, id));
  if (exif.size() < 4 || heif_image_handle_get_metadata(handle, id, exif.data()).code != heif_error_Ok)
    return 1;
  // Four bytes say how far behind them the block begins.
  const Bytes bytes(exif.data(), exif.size());
  return exif_orientation(bytes.part(4 + static_cast<std::size_t>(bytes.big(0, 4))));
}

}  // namespace

Raster decode_heif(const Bytes& file, const PixelLimit& limit) {
  const Context context(heif_context_alloc());
  if (!context) throw Error::memory("not enough memory for this picture");
  check(heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr));
  heif_image_handle* primary = nullptr;
  check(heif_context_get_primary_image_handle(context.get(), &primary));
  const Handle handle(primary);
  limit.check(static_cast<std::uint64_t>(std::max(heif_image_handle_get_width(primary), 0)),
              static_cast<std::uint64_t>(std::max(heif_image_handle_get_height(primary), 0)));
  const bool alpha = heif_image_handle_has_alpha_channel(primary);
  const Options options(heif_decoding_options_alloc());
  options->convert_hdr_to_8bit = 1;
  heif_image* decoded = nullptr;
  check(heif_decode_image(primary, &decoded, heif_colorspace_RGB,
                          alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get()));
  const Image image(decoded);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(decoded, heif_channel_interleaved, &stride);
  const int width = heif_image_get_primary_width(decoded), height = heif_image_get_primary_height(decoded);
  if (!plane || width < 1 || height < 1) throw Error::format("the picture is damaged (HEIF)");
  limit.check(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  Raster raster;
  const cv::Mat rgb(height, width, alpha ? CV_8UC4 : CV_8UC3, plane, static_cast<std::size_t>(stride));
  cv::cvtColor(rgb, raster.pixels, alpha ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  raster.premultiplied = alpha && heif_image_handle_is_premultiplied_alpha(primary);
  if (!turns_itself(file)) raster.orientation = exif_orientation_of(primary);
  return raster;
}

}  // namespace pose
