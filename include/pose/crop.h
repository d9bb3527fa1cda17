#pragma once

#include <array>
#include <opencv2/core/mat.hpp>
#include <string_view>

#include "pose/box.h"
#include "pose/image.h"
#include "pose/model_card.h"

namespace pose {

struct Point {
  float x = 0, y = 0;
};

/// How one person is cut out of a photo and how to get back. A pure description: no pixels.
struct Crop {
  enum class Kind { kAlphaPose, kAffine } kind = Kind::kAffine;
  Size input;                        ///< network input, pixels
  std::array<double, 6> to_input{};  ///< 2x3 row-major, photo pixels -> network input pixels
  Box grown;                         ///< AlphaPose: pt1, pt2 as floats (src/crop/README.md, 1)
  Point center;                      ///< affine: photo pixels (src/crop/README.md, 5)
  Point scale;                       ///< affine: units of 200 photo pixels
  double area = 0;                   ///< photo pixels^2 (affine: scale.x*200 * scale.y*200 in f32)
};

using PlanCrop = Crop (*)(const Box& person, Size photo, const InputSpec& input);

/// One row of the table of crops.
struct CropMethod {
  std::string_view name;
  std::string_view help;
  PlanCrop plan;
};

/// Throws `kUsage` with the nearest name.
const CropMethod& crop_method(std::string_view name);

/// Cuts people out of one photo. Source: src/crop/README.md, 1-3 and 5-7.
class Cropper {
 public:
  Cropper(const cv::Mat& bgr, const InputSpec& input);
  /// Pixels of one person: `out` = `[3, input.height, input.width]` f32, normalised as the card says.
  void cut(const Crop& crop, float* out);

 private:
  cv::Mat cut_alphapose(const Crop& crop, const cv::Size& size);

  cv::Mat bgr_;
  InputSpec input_;
  cv::Mat table_;  // what each of the 256 values becomes, made on first use
};

/// A place on the heatmap (cells; fractions allowed) in photo pixels. Heatmap size in cells.
/// AlphaPose: src/crop/README.md, 4, in f32; affine: src/crop/README.md, 6 (matrix made for the heatmap
/// size).
Point heatmap_to_photo(const Crop& crop, Point cell, Size heatmap);

}  // namespace pose
