#include "image/image_file.h"

#include <utility>
#include <vector>

#include "base/read_file.h"
#include "image/codec.h"
#include "pose/error.h"
#include "pose/image.h"

namespace pose {
namespace {

const Codec* codec_of(const std::vector<std::uint8_t>& start) {
  return recognise_codec(skip_blanks({start.data(), start.size()}));
}

}  // namespace

void check_picture_start(const std::vector<std::uint8_t>& start) {
  if (start.empty()) throw Error::format("the file is empty");
  const Codec* codec = codec_of(start);
  if (!codec) throw Error::format("not a picture in a known format");
  check_readable(*codec);
}

FileBytes read_image_file(const std::string& path) {
  InputFile file(path);
  std::vector<std::uint8_t> start;
  file.append_to(start, kPictureStart);
  check_picture_start(start);
  return read_rest(file, std::move(start), kLargestPictureFile);
}

bool looks_like_image(const std::string& path) {
  try {
    InputFile file(path);
    std::vector<std::uint8_t> start;
    file.append_to(start, kPictureStart);
    return codec_of(start) != nullptr;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace pose
