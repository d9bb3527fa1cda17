#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>
#include <opencv2/core.hpp>

#include "image/codec.h"
#include "image/orientation.h"
#include "pose/error.h"

namespace pose {
namespace {

/// EXIF's orientation, or XMP's where there is no EXIF block.
int orientation_of(const Bytes& file) {
  int from_xmp = 1;
  for (std::size_t at = 12; at + 8 < file.size();) {
    const auto length = static_cast<std::size_t>(file.little(at + 4, 4));
    const Bytes content = file.part(at + 8, length);
    if (file.has("EXIF", at)) return exif_orientation(content);
    if (file.has("XMP ", at)) from_xmp = xmp_orientation(content.text());
    at += 8 + length + length % 2;
  }
  return from_xmp;
}

void decode_still(const Bytes& file, const WebPBitstreamFeatures& features, Raster& raster) {
  WebPDecoderConfig config;
  POSE_CHECK(WebPInitDecoderConfig(&config));
  raster.pixels =
      cv::Mat(features.height, features.width, features.has_alpha ? CV_8UC4 : CV_8UC3, cv::Scalar::all(128));
  config.output.colorspace = features.has_alpha ? MODE_BGRA : MODE_BGR;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {raster.pixels.data, static_cast<int>(raster.pixels.step),
                          raster.pixels.step * static_cast<std::size_t>(features.height)};
  const std::unique_ptr<WebPIDecoder, decltype(&WebPIDelete)> decoder(WebPIDecode(nullptr, 0, &config),
                                                                      &WebPIDelete);
  if (!decoder) throw Error::memory("not enough memory for this picture");
  if (WebPIUpdate(decoder.get(), file.data(), file.size()) == VP8_STATUS_OK) return;
  int rows = 0;
  if (!WebPIDecGetRGB(decoder.get(), &rows, nullptr, nullptr, nullptr)) rows = 0;
  raster.warning = missing_rows(rows, features.height);
}

void decode_animation(const Bytes& file, const PixelLimit& limit, Raster& raster) {
  WebPAnimDecoderOptions options;
  POSE_CHECK(WebPAnimDecoderOptionsInit(&options));
  options.color_mode = MODE_BGRA;
  const WebPData data{file.data(), file.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), &WebPAnimDecoderDelete);
  WebPAnimInfo info;
  std::uint8_t* frame = nullptr;
  int milliseconds = 0;
  if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info))
    throw Error::format("the picture is damaged (animated WebP)");
  limit.check(info.canvas_width, info.canvas_height);
  if (!WebPAnimDecoderGetNext(decoder.get(), &frame, &milliseconds))
    throw Error::format("the picture is damaged (animated WebP)");
  raster.pixels =
      cv::Mat(static_cast<int>(info.canvas_height), static_cast<int>(info.canvas_width), CV_8UC4, frame)
          .clone();
}

}  // namespace

bool is_webp(const Bytes& start) { return start.has("RIFF") && start.has("WEBP", 8); }

Raster decode_webp(const Bytes& file, const PixelLimit& limit) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK)
    throw Error::format("the header of this picture is damaged");
  limit.check(static_cast<std::uint64_t>(features.width), static_cast<std::uint64_t>(features.height));
  Raster raster;
  if (features.has_animation)
    decode_animation(file, limit, raster);
  else
    decode_still(file, features, raster);
  raster.orientation = orientation_of(file);
  return raster;
}

}  // namespace pose
