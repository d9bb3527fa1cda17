#include "image/image_file.h"

#include <utility>
#include <vector>

#include "base/read_file.h"
#include "image/codec.h"
#include "pose/error.h"
#include "pose/image.h"

namespace pose {
namespace {

/// More than any signature has, comments in front of a PNM's sides included.
constexpr std::size_t kStartBytes = 4096;

const Codec* codec_of(const std::vector<std::uint8_t>& start) {
  return recognise_codec(skip_blanks({start.data(), start.size()}));
}

}  // namespace

FileBytes read_image_file(const std::string& path) {
  InputFile file(path);
  std::vector<std::uint8_t> start;
  file.append_to(start, kStartBytes);
  if (start.empty()) throw Error::format("the file is empty");
  const Codec* codec = codec_of(start);
  if (!codec) throw Error::format("not a picture in a known format");
  check_readable(*codec);
  return read_rest(file, std::move(start), kLargestPictureFile);
}

bool looks_like_image(const std::string& path) {
  try {
    InputFile file(path);
    std::vector<std::uint8_t> start;
    file.append_to(start, kStartBytes);
    return codec_of(start) != nullptr;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace pose
