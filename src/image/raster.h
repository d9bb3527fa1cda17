#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>

namespace pose {

/// What a codec gives: pixels as they are stored.
struct Raster {
  cv::Mat pixels;              ///< u8: grey, grey with alpha, BGR or BGRA
  bool premultiplied = false;  ///< the colours hold alpha as a factor already
  int orientation = 1;         ///< EXIF's number, where the codec has not turned the pixels itself
  std::string warning;         ///< as in `DecodedImage`
};

/// The picture as a viewer shows it: u8 BGR, upright, on white (src/image/README.md, 3).
cv::Mat finish_raster(Raster raster);

/// The warning of a picture of which `rows` of `height` could be read. Throws `kFormat` if that is none.
std::string missing_rows(std::int64_t rows, std::int64_t height);

}  // namespace pose
