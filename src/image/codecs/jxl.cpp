#include <jxl/decode.h>

#include <memory>
#include <opencv2/imgproc.hpp>

#include "image/codec.h"
#include "pose/error.h"

namespace pose {
namespace {

struct Destroy {
  void operator()(JxlDecoder* decoder) const { JxlDecoderDestroy(decoder); }
};

[[noreturn]] void fail() { throw Error::format("the picture is damaged (JPEG XL)"); }

/// u8 RGB or RGBA for what the header says.
cv::Mat make_buffer(JxlDecoder* decoder, const PixelLimit& limit, Raster& raster) {
  JxlBasicInfo info;
  if (JxlDecoderGetBasicInfo(decoder, &info) != JXL_DEC_SUCCESS) fail();
  limit.check(info.xsize, info.ysize);
  raster.premultiplied = info.alpha_premultiplied;
  return cv::Mat(static_cast<int>(info.ysize), static_cast<int>(info.xsize),
                 info.alpha_bits ? CV_8UC4 : CV_8UC3, cv::Scalar::all(0));
}

}  // namespace

/// The library turns the picture itself, by its own header; EXIF does not count in this format.
Raster decode_jxl(const Bytes& file, const PixelLimit& limit) {
  const std::unique_ptr<JxlDecoder, Destroy> decoder(JxlDecoderCreate(nullptr));
  if (!decoder) throw Error::memory("not enough memory for this picture");
  JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE);
  if (JxlDecoderSetInput(decoder.get(), file.data(), file.size()) != JXL_DEC_SUCCESS) fail();
  Raster raster;
  cv::Mat rgb;
  for (;;) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(decoder.get());
    if (status == JXL_DEC_BASIC_INFO) {
      rgb = make_buffer(decoder.get(), limit, raster);
    } else if (status == JXL_DEC_NEED_IMAGE_OUT_BUFFER) {
      const JxlPixelFormat format{static_cast<std::uint32_t>(rgb.channels()), JXL_TYPE_UINT8,
                                  JXL_NATIVE_ENDIAN, 0};
      if (JxlDecoderSetImageOutBuffer(decoder.get(), &format, rgb.data, rgb.total() * rgb.elemSize()) !=
          JXL_DEC_SUCCESS)
        fail();
    } else if (status == JXL_DEC_FULL_IMAGE) {
      break;
    } else {
      // What has been seen of a file that ends too early.
      if (JxlDecoderFlushImage(decoder.get()) != JXL_DEC_SUCCESS) fail();
      raster.warning = "the file is cut off; what could be read of the picture is used";
      break;
    }
  }
  cv::cvtColor(rgb, raster.pixels, rgb.channels() == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  return raster;
}

}  // namespace pose
