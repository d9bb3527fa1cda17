#include "pose/crop.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/finite.h"
#include "base/lookup.h"
#include "crop/affine.h"
#include "crop/alphapose.h"
#include "image/check_picture.h"

namespace pose {
namespace {

constexpr std::array<CropMethod, 2> kMethods{{
    {"alphapose", "box grown by 30 %, surroundings blanked, diagonal to diagonal", &plan_alphapose_crop},
    {"affine", "box grown to the input's aspect and by 25 % (HRNet)", &plan_affine_crop},
}};

/// What each of the 256 values of each channel becomes: `(v / 255 - mean) / std`, every step f32.
/// Channels in BGR order, as pictures have them.
cv::Mat value_table(const InputSpec& input, bool divide) {
  cv::Mat table(1, 256, CV_32FC3);
  const float divisor = divide ? static_cast<float>(1.0 / input.scale) : 1.0f;
  for (int v = 0; v < 256; ++v) {
    for (int c = 0; c < 3; ++c) {
      const auto channel = static_cast<std::size_t>(input.rgb ? 2 - c : c);
      float value = static_cast<float>(v) / divisor - static_cast<float>(input.mean[channel]);
      if (input.std[channel] != 1) value /= static_cast<float>(input.std[channel]);
      table.at<cv::Vec3f>(0, v)[c] = value;
    }
  }
  return table;
}

/// Interleaved BGR f32 to planes in the order the network wants.
void write_planes(const cv::Mat& bgr, bool rgb, float* out) {
  const std::size_t area = bgr.total();
  std::vector<cv::Mat> planes(3);
  for (int c = 0; c < 3; ++c)
    planes[static_cast<std::size_t>(c)] =
        cv::Mat(bgr.rows, bgr.cols, CV_32F, out + area * static_cast<std::size_t>(rgb ? 2 - c : c));
  cv::split(bgr, planes);
}

bool has_pixels(Size size) { return size.width > 0 && size.height > 0; }

cv::Matx23d matrix_of(const Crop& crop) {
  cv::Matx23d m;
  std::copy(crop.to_input.begin(), crop.to_input.end(), m.val);
  return m;
}

/// Longest side, pixels, of what OpenCV warps.
constexpr int kLongestWarpSide = std::numeric_limits<short>::max() - 1;

bool can_warp(const cv::Mat& pixels) { return std::max(pixels.cols, pixels.rows) <= kLongestWarpSide; }

/// A piece of a photo, and the way from its pixels to those of the network input.
struct Piece {
  cv::Mat pixels;
  cv::Matx23d to_input;
};

Piece piece_of(const Piece& whole, const cv::Rect& part) {
  Piece piece{whole.pixels(part), whole.to_input};
  for (int row = 0; row < 2; ++row)
    piece.to_input(row, 2) += piece.to_input(row, 0) * part.x + piece.to_input(row, 1) * part.y;
  return piece;
}

/// The same, shrunk by area where it is too long for a warp. The input is several times smaller still.
Piece warpable(Piece piece) {
  if (can_warp(piece.pixels)) return piece;
  const cv::Size from = piece.pixels.size();
  const double factor = static_cast<double>(kLongestWarpSide) / std::max(from.width, from.height);
  const cv::Size to(std::max(static_cast<int>(from.width * factor), 1),
                    std::max(static_cast<int>(from.height * factor), 1));
  cv::Mat shrunk;
  cv::resize(piece.pixels, shrunk, to, 0, 0, cv::INTER_AREA);
  const double x_step = static_cast<double>(from.width) / to.width,
               y_step = static_cast<double>(from.height) / to.height;
  // Centres of pixels are at whole numbers: x of the photo is (x' + 1/2) x_step - 1/2.
  cv::Matx23d& m = piece.to_input;
  for (int row = 0; row < 2; ++row) {
    m(row, 2) += m(row, 0) * (x_step - 1) / 2 + m(row, 1) * (y_step - 1) / 2;
    m(row, 0) *= x_step;
    m(row, 1) *= y_step;
  }
  return {shrunk, m};
}

/// What a warp to `size` looks at of a photo, a margin for interpolation included. May be empty.
cv::Rect seen_by_warp(const Piece& photo, const cv::Size& size) {
  constexpr double kMargin = 2;
  cv::Matx23d back;
  cv::invertAffineTransform(photo.to_input, back);
  const auto span = [&](int row, double length) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const int x : {0, size.width})
      for (const int y : {0, size.height}) {
        const double at = back(row, 0) * x + back(row, 1) * y + back(row, 2);
        low = std::min(low, at), high = std::max(high, at);
      }
    // NaN fails every comparison and ends as an empty range.
    return cv::Range(static_cast<int>(std::clamp(std::floor(low - kMargin), 0.0, length)),
                     static_cast<int>(std::clamp(std::ceil(high + kMargin), 0.0, length)));
  };
  const cv::Range x = span(0, photo.pixels.cols), y = span(1, photo.pixels.rows);
  return {x.start, y.start, std::max(x.size(), 0), std::max(y.size(), 0)};
}

}  // namespace

const CropMethod& crop_method(std::string_view name) { return lookup(kMethods, name, "crop"); }

std::optional<std::array<float, 4>> center_scale_of(const Crop& crop) {
  if (crop.kind != Crop::Kind::kAffine) return std::nullopt;
  return std::array<float, 4>{crop.center.x, crop.center.y, crop.scale.x, crop.scale.y};
}

Crop CropMethod::plan(const Box& person, Size photo, const InputSpec& input,
                      const std::optional<Rect>& given) const {
  if (!has_pixels(photo) || !has_pixels({input.width, input.height}))
    throw Error::usage("a crop needs a photo and a network input of at least one pixel");
  const std::array<float, 4> sides{person.x1, person.y1, person.x2, person.y2};
  if (!all_finite(sides.data(), sides.size()))
    throw Error::usage("a person's box has a coordinate that is not a finite number");
  const Crop crop = rule(person, given.value_or(rect_of(person)), photo, input);
  const bool computed = std::isfinite(crop.area) && std::all_of(crop.to_input.begin(), crop.to_input.end(),
                                                                [](double v) { return std::isfinite(v); });
  if (!computed) throw Error::usage("a person's box is too large to be cut out");
  return crop;
}

Point heatmap_to_photo(const Crop& crop, Point cell, Size heatmap) {
  if (!has_pixels(heatmap) || !std::isfinite(cell.x) || !std::isfinite(cell.y))
    throw Error::usage("a place on a heatmap needs a heatmap with cells and finite coordinates");
  if (crop.kind == Crop::Kind::kAlphaPose && !has_pixels(crop.input))
    throw Error::usage("the crop has no input size; plan it with a crop method");
  return crop.kind == Crop::Kind::kAlphaPose ? alphapose_to_photo(crop, cell, heatmap)
                                             : affine_to_photo(crop, cell, heatmap);
}

Cropper::Cropper(const cv::Mat& bgr, const InputSpec& input) : bgr_(bgr), input_(input) {
  check_picture(bgr);
}

void Cropper::cut(const Crop& crop, float* out) {
  if (crop.input.width != input_.width || crop.input.height != input_.height)
    throw Error::usage("the crop was planned for another network input than the one it is cut for");
  const cv::Size size(crop.input.width, crop.input.height);
  write_planes(crop.kind == Crop::Kind::kAffine ? cut_affine(crop, size) : cut_alphapose(crop, size),
               input_.rgb, out);
}

cv::Mat Cropper::cut_affine(const Crop& crop, const cv::Size& size) {
  if (table_.empty()) table_ = value_table(input_, true);
  cv::Mat bytes, result;
  Piece piece{bgr_, matrix_of(crop)};
  if (!can_warp(bgr_)) piece = piece_of(piece, seen_by_warp(piece, size));
  piece = warpable(piece);
  if (piece.pixels.empty())
    bytes = cv::Mat(size, CV_8UC3, cv::Scalar::all(0));
  else
    cv::warpAffine(piece.pixels, bytes, piece.to_input, size, cv::INTER_LINEAR);
  cv::LUT(bytes, table_, result);
  return result;
}

// The reference blanks the surroundings on a copy of the whole normalised picture; here only the part that is
// seen is normalised, and the warp's border is the blank.
cv::Mat Cropper::cut_alphapose(const Crop& crop, const cv::Size& size) {
  if (table_.empty()) {
    double max = 0;
    cv::minMaxIdx(bgr_.reshape(1), nullptr, &max);
    table_ =
        value_table(input_, max > 1);  // the reference takes a picture of only 0 and 1 as normalised already
  }
  const AlphaPoseCut cut = alphapose_cut(crop.grown, crop.input);
  const cv::Rect seen = cv::Rect(cv::Point(cut.left, cut.top), cv::Point(cut.right + 1, cut.bottom + 1)) &
                        cv::Rect(0, 0, bgr_.cols, bgr_.rows);
  if (seen.empty()) return cv::Mat(size, CV_32FC3, cv::Scalar::all(0));
  const Piece piece = warpable(piece_of({bgr_, matrix_of(crop)}, seen));
  cv::Mat normalised, result;
  cv::LUT(piece.pixels, table_, normalised);
  cv::warpAffine(normalised, result, piece.to_input, size, cv::INTER_LINEAR);
  return result;
}

}  // namespace pose
