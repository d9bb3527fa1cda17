#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "image/codec.h"
#include "pose/error.h"

namespace pose {
namespace {

struct Source {
  Bytes file;
  std::size_t at = 0;
};

int read_bytes(GifFileType* gif, GifByteType* out, int count) {
  auto* source = static_cast<Source*>(gif->UserData);
  const Bytes next = source->file.part(source->at, static_cast<std::size_t>(count));
  std::copy(next.data(), next.data() + next.size(), out);
  source->at += next.size();
  return static_cast<int>(next.size());
}

struct Close {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

[[noreturn]] void fail() { throw Error::format("the picture is damaged (GIF)"); }

/// Reads up to the first frame; gives the index of its transparent colour, or -1.
int find_frame(GifFileType* gif) {
  int transparent = NO_TRANSPARENT_COLOR;
  for (GifRecordType kind = UNDEFINED_RECORD_TYPE; kind != IMAGE_DESC_RECORD_TYPE;) {
    if (DGifGetRecordType(gif, &kind) == GIF_ERROR || kind == TERMINATE_RECORD_TYPE) fail();
    if (kind != EXTENSION_RECORD_TYPE) continue;
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) fail();
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      transparent = control.TransparentColor;
    while (block)
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) fail();
  }
  if (DGifGetImageDesc(gif) == GIF_ERROR) fail();
  return transparent;
}

/// The row in which the k-th stored row of an interlaced frame lies.
std::vector<int> row_order(int height, bool interlaced) {
  constexpr std::array<std::array<int, 2>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  std::vector<int> order;
  if (!interlaced)
    for (int y = 0; y < height; ++y) order.push_back(y);
  else
    for (const auto& [start, step] : kPasses)
      for (int y = start; y < height; y += step) order.push_back(y);
  return order;
}

}  // namespace

bool is_gif(const Bytes& start) { return start.has("GIF87a") || start.has("GIF89a"); }

Raster decode_gif(const Bytes& file, const PixelLimit& limit) {
  Source source{file};
  const std::unique_ptr<GifFileType, Close> gif(DGifOpen(&source, &read_bytes, nullptr));
  if (!gif) fail();
  limit.check(static_cast<std::uint64_t>(gif->SWidth), static_cast<std::uint64_t>(gif->SHeight));
  const int transparent = find_frame(gif.get());
  const GifImageDesc& frame = gif->Image;
  limit.check(static_cast<std::uint64_t>(frame.Width), static_cast<std::uint64_t>(frame.Height));
  const ColorMapObject* map = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
  if (!map) fail();
  Raster raster;
  raster.pixels = cv::Mat(gif->SHeight, gif->SWidth, CV_8UC4, cv::Scalar::all(0));
  std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
  int rows = 0;
  for (const int y : row_order(frame.Height, frame.Interlace)) {
    if (DGifGetLine(gif.get(), line.data(), frame.Width) == GIF_ERROR) break;
    ++rows;
    if (frame.Top + y >= gif->SHeight) continue;
    for (int x = 0; x < frame.Width && frame.Left + x < gif->SWidth; ++x) {
      const int index = line[static_cast<std::size_t>(x)];
      if (index == transparent || index >= map->ColorCount) continue;
      const GifColorType& colour = map->Colors[index];
      raster.pixels.at<cv::Vec4b>(frame.Top + y, frame.Left + x) = {colour.Blue, colour.Green, colour.Red,
                                                                    255};
    }
  }
  if (rows < frame.Height) raster.warning = missing_rows(rows, frame.Height);
  return raster;
}

}  // namespace pose
