#include "pose/crop.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/finite.h"
#include "base/lookup.h"
#include "crop/affine.h"
#include "crop/alphapose.h"

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

}  // namespace

const CropMethod& crop_method(std::string_view name) { return lookup(kMethods, name, "crop"); }

Crop CropMethod::plan(const Box& person, Size photo, const InputSpec& input) const {
  if (!has_pixels(photo) || !has_pixels({input.width, input.height}))
    throw Error::usage("a crop needs a photo and a network input of at least one pixel");
  const std::array<float, 4> sides{person.x1, person.y1, person.x2, person.y2};
  if (!all_finite(sides.data(), sides.size()))
    throw Error::usage("a person's box has a coordinate that is not a finite number");
  const Crop crop = rule(person, photo, input);
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
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw Error::usage("people are cut out of 8-bit pictures with three channels (BGR), as read_image gives");
}

void Cropper::cut(const Crop& crop, float* out) {
  const cv::Size size(crop.input.width, crop.input.height);
  cv::Mat picture;
  if (crop.kind == Crop::Kind::kAffine) {
    if (table_.empty()) table_ = value_table(input_, true);
    cv::Mat bytes;
    cv::warpAffine(bgr_, bytes, matrix_of(crop), size, cv::INTER_LINEAR);
    cv::LUT(bytes, table_, picture);
  } else {
    picture = cut_alphapose(crop, size);
  }
  write_planes(picture, input_.rgb, out);
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
  cv::Mat part, result;
  cv::LUT(bgr_(seen), table_, part);
  cv::Matx23d m = matrix_of(crop);
  for (int row = 0; row < 2; ++row) m(row, 2) += m(row, 0) * seen.x + m(row, 1) * seen.y;
  cv::warpAffine(part, result, m, size, cv::INTER_LINEAR);
  return result;
}

}  // namespace pose
