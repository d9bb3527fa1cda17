#include "image/image_header.h"

#include <array>
#include <cctype>
#include <cstring>
#include <string>

namespace pose {
namespace {

/// The bytes of a file; reads outside give 0, so that broken headers end as sides of 0.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t size() const { return size_; }
  std::uint64_t at(std::size_t i) const { return i < size_ ? data_[i] : 0; }
  std::uint64_t big(std::size_t i, int count) const {
    std::uint64_t value = 0;
    for (int k = 0; k < count; ++k) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  std::uint64_t little(std::size_t i, int count) const {
    std::uint64_t value = 0;
    for (int k = count; k-- > 0;) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  bool starts_with(std::string_view text, std::size_t offset = 0) const {
    return size_ >= offset + text.size() && std::memcmp(data_ + offset, text.data(), text.size()) == 0;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

using Probe = ImageHeader (*)(const Bytes&);

/// Walks the segments up to the frame header.
ImageHeader probe_jpeg(const Bytes& b) {
  for (std::size_t i = 2; i + 9 < b.size();) {
    if (b.at(i) != 0xFF) break;
    const std::uint64_t marker = b.at(i + 1);
    if (marker == 0xFF) {
      ++i;
      continue;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) return {"jpeg", b.big(i + 7, 2), b.big(i + 5, 2)};
    const bool standalone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    i += 2 + (standalone ? 0 : static_cast<std::size_t>(b.big(i + 2, 2)));
  }
  return {"jpeg", 0, 0};
}

ImageHeader probe_png(const Bytes& b) { return {"png", b.big(16, 4), b.big(20, 4)}; }

ImageHeader probe_bmp(const Bytes& b) {
  if (b.little(14, 4) == 12) return {"bmp", b.little(18, 2), b.little(20, 2)};
  const auto height = static_cast<std::int32_t>(b.little(22, 4));  // negative: rows from top to bottom
  return {"bmp", b.little(18, 4), static_cast<std::uint64_t>(height < 0 ? -std::int64_t{height} : height)};
}

ImageHeader probe_webp(const Bytes& b) {
  if (b.starts_with("VP8 ", 12)) return {"webp", b.little(26, 2) & 0x3FFF, b.little(28, 2) & 0x3FFF};
  if (b.starts_with("VP8L", 12))
    return {"webp", (b.little(21, 4) & 0x3FFF) + 1, (b.little(21, 4) >> 14 & 0x3FFF) + 1};
  if (b.starts_with("VP8X", 12)) return {"webp", b.little(24, 3) + 1, b.little(27, 3) + 1};
  return {"webp", 0, 0};
}

ImageHeader probe_tiff(const Bytes& b) {
  const bool little = b.at(0) == 'I';
  const auto number = [&](std::size_t i, int count) { return little ? b.little(i, count) : b.big(i, count); };
  ImageHeader header{"tiff", 0, 0};
  const auto directory = static_cast<std::size_t>(number(4, 4));
  const std::uint64_t entries = number(directory, 2);
  for (std::uint64_t k = 0; k < entries && directory + 2 + 12 * k < b.size(); ++k) {
    const std::size_t entry = directory + 2 + 12 * static_cast<std::size_t>(k);
    const std::uint64_t tag = number(entry, 2), value = number(entry + 8, number(entry + 2, 2) == 3 ? 2 : 4);
    if (tag == 256) header.width = value;
    if (tag == 257) header.height = value;
  }
  return header;
}

/// "P6 # comment\n640 480 255": numbers between blanks and comments.
ImageHeader probe_pnm(const Bytes& b) {
  std::array<std::uint64_t, 2> sides{0, 0};
  std::size_t i = 2;
  for (std::uint64_t& side : sides) {
    while (i < b.size() && (std::isspace(static_cast<int>(b.at(i))) || b.at(i) == '#')) {
      if (b.at(i) == '#')
        while (i < b.size() && b.at(i) != '\n') ++i;
      ++i;
    }
    for (int digits = 0; digits < 10 && std::isdigit(static_cast<int>(b.at(i))); ++digits, ++i)
      side = side * 10 + (b.at(i) - '0');
  }
  return {"pnm", sides[0], sides[1]};
}

ImageHeader probe_gif(const Bytes& b) { return {"gif", b.little(6, 2), b.little(8, 2)}; }

struct Signature {
  std::string_view start;
  Probe probe;
};

constexpr std::array<Signature, 13> kSignatures{{
    {"\xFF\xD8\xFF", &probe_jpeg},
    {"\x89PNG\r\n\x1A\n", &probe_png},
    {"BM", &probe_bmp},
    {std::string_view("II*\0", 4), &probe_tiff},
    {std::string_view("MM\0*", 4), &probe_tiff},
    {"GIF87a", &probe_gif},
    {"GIF89a", &probe_gif},
    {"P1", &probe_pnm},
    {"P2", &probe_pnm},
    {"P3", &probe_pnm},
    {"P4", &probe_pnm},
    {"P5", &probe_pnm},
    {"P6", &probe_pnm},
}};

}  // namespace

std::optional<ImageHeader> probe_image(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (bytes.starts_with("RIFF") && bytes.starts_with("WEBP", 8)) return probe_webp(bytes);
  for (const Signature& s : kSignatures) {
    if (!bytes.starts_with(s.start)) continue;
    const ImageHeader header = s.probe(bytes);
    // Two letters are a weak signature: plain text may begin with them.
    const bool weak = s.start.size() == 2;
    if (weak && (header.width == 0 || header.height == 0)) continue;
    return header;
  }
  return std::nullopt;
}

}  // namespace pose
