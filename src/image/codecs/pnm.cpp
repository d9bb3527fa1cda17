#include <algorithm>
#include <cctype>
#include <opencv2/core.hpp>
#include <optional>

#include "image/codec.h"

namespace pose {
namespace {

/// "P6 # comment\n640 480 255\n": numbers between blanks and comments.
class PnmText {
 public:
  PnmText(const Bytes& file, std::size_t at) : file_(file), at_(at) {}
  std::size_t at() const { return at_; }

  /// Nothing at the end and where there is no number; of digits the first ten count.
  std::optional<std::uint64_t> number(int most_digits = 10) {
    while (at_ < file_.size() && (std::isspace(static_cast<int>(file_.at(at_))) || file_.at(at_) == '#')) {
      if (file_.at(at_) == '#')
        while (at_ < file_.size() && file_.at(at_) != '\n') ++at_;
      ++at_;
    }
    if (!is_digit()) return std::nullopt;
    std::uint64_t value = 0;
    for (int digits = 0; digits < most_digits && is_digit(); ++digits, ++at_)
      value = value * 10 + (file_.at(at_) - '0');
    return value;
  }

 private:
  bool is_digit() const { return file_.at(at_) >= '0' && file_.at(at_) <= '9'; }

  const Bytes& file_;
  std::size_t at_;
};

struct PnmHeader {
  std::uint64_t width = 0, height = 0, maximum = 1;
  bool text = false, bits = false, colour = false;
  std::size_t pixels = 0;
};

/// Nothing if it is none.
std::optional<PnmHeader> header_of(const Bytes& file) {
  const std::uint64_t kind = file.at(1) - '0';
  if (file.at(0) != 'P' || kind < 1 || kind > 6) return std::nullopt;
  PnmHeader h;
  h.text = kind <= 3, h.bits = kind % 3 == 1, h.colour = kind % 3 == 0;
  PnmText text(file, 2);
  h.width = text.number().value_or(0);
  h.height = text.number().value_or(0);
  if (!h.bits) h.maximum = text.number().value_or(0);
  h.pixels = text.at() + 1;
  if (h.width == 0 || h.height == 0 || h.maximum == 0 || h.maximum > 65535) return std::nullopt;
  return h;
}

/// Samples in their order; nothing behind the last.
class PnmSamples {
 public:
  PnmSamples(const Bytes& file, const PnmHeader& header)
      : file_(file),
        header_(header),
        text_(file, header.pixels),
        at_(header.pixels),
        swapped_(is_swapped()) {}

  std::optional<std::uint64_t> next() {
    if (header_.text) return text_.number(header_.bits ? 1 : 10);
    const std::size_t size = header_.maximum > 255 ? 2 : 1;
    if (at_ + size > file_.size()) return std::nullopt;
    if (!header_.bits) {
      at_ += size;
      return swapped_ ? file_.little(at_ - size, 2) : file_.big(at_ - size, static_cast<int>(size));
    }
    const std::uint64_t bit = file_.at(at_) >> (7 - bit_) & 1;
    if (++bit_ == 8) end_row();
    return bit;
  }
  /// Rows of bits are filled up to bytes.
  void end_row() { at_ += bit_ > 0, bit_ = 0; }

 private:
  /// The high byte comes first. Where that leads beyond the maximum, and the other order never does, the
  /// writer took the other order.
  bool is_swapped() const {
    if (header_.text || header_.maximum <= 255) return false;
    bool beyond = false;
    for (std::size_t i = header_.pixels; i + 2 <= file_.size(); i += 2) {
      if (file_.little(i, 2) > header_.maximum) return false;
      beyond = beyond || file_.big(i, 2) > header_.maximum;
    }
    return beyond;
  }

  const Bytes& file_;
  const PnmHeader& header_;
  PnmText text_;
  std::size_t at_;
  bool swapped_;
  unsigned bit_ = 0;
};

}  // namespace

/// Two letters are a weak signature: plain text may begin with them.
bool is_pnm(const Bytes& start) { return header_of(start).has_value(); }

Raster decode_pnm(const Bytes& file, const PixelLimit& limit) {
  const PnmHeader h = header_of(file).value_or(PnmHeader{});
  limit.check(h.width, h.height);
  Raster raster;
  const int height = static_cast<int>(h.height), samples = static_cast<int>(h.width) * (h.colour ? 3 : 1);
  raster.pixels =
      cv::Mat(height, static_cast<int>(h.width), h.colour ? CV_8UC3 : CV_8UC1, cv::Scalar::all(128));
  PnmSamples source(file, h);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row = raster.pixels.ptr(y);
    for (int i = 0; i < samples; ++i) {
      const auto sample = source.next();
      if (!sample) {
        raster.warning = missing_rows(y, height);
        return raster;
      }
      const std::uint64_t value = std::min(*sample, h.maximum);
      const auto byte = static_cast<std::uint8_t>((value * 255 + h.maximum / 2) / h.maximum);
      if (h.colour)
        row[i - i % 3 + 2 - i % 3] = byte;  // red comes first
      else
        row[i] = h.bits ? 255 - byte : byte;  // a bit that is set is black
    }
    source.end_row();
  }
  return raster;
}

}  // namespace pose
