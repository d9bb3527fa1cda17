#pragma once

#include <array>
#include <opencv2/core/mat.hpp>
#include <optional>
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

/// Centre and scale of an affine crop; nothing of others.
std::optional<std::array<float, 4>> center_scale_of(const Crop& crop);

/// One row of the table of crops.
struct CropMethod {
  std::string_view name;
  std::string_view help;
  /// `exact` is the same box in f64.
  Crop (*rule)(const Box& person, const Rect& exact, Size photo, const InputSpec& input);

  /// How `person` (photo pixels; may leave the photo) is cut out. Methods that compute in f64 take its
  /// `given` form where there is one (`Detection::given`). Throws `kUsage` for a box that is not finite or
  /// too large to compute with, and for a photo or an input without pixels.
  Crop plan(const Box& person, Size photo, const InputSpec& input,
            const std::optional<Rect>& given = std::nullopt) const;
};

/// Throws `kUsage` with the nearest name.
const CropMethod& crop_method(std::string_view name);

/// Cuts people out of one photo, of any size. Source: src/crop/README.md, 1-3 and
/// 5-7.
class Cropper {
 public:
  /// Throws `kUsage` for a picture that is none (empty, grey, 16 bits).
  Cropper(const cv::Mat& bgr, const InputSpec& input);
  /// Pixels of one person: `out` = `[3, input.height, input.width]` f32, normalised as the card says.
  /// Throws `kUsage` for a crop that was planned for another input.
  void cut(const Crop& crop, float* out);

 private:
  cv::Mat cut_affine(const Crop& crop, const cv::Size& size);
  cv::Mat cut_alphapose(const Crop& crop, const cv::Size& size);

  cv::Mat bgr_;
  InputSpec input_;
  cv::Mat table_;  // what each of the 256 values becomes, made on first use
};

/// A place on the heatmap (cells; fractions allowed) in photo pixels. Heatmap size in cells.
/// AlphaPose: src/crop/README.md, 4, in f32; affine: src/crop/README.md, 6 (matrix made for the heatmap
/// size). Throws `kUsage` for a heatmap without cells, a cell that is not finite, and a crop without an input
/// size.
Point heatmap_to_photo(const Crop& crop, Point cell, Size heatmap);

}  // namespace pose
