#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "base/mapped_file.h"
#include "pose/error.h"

namespace pose {

std::string sha256_of_file(const std::string& path) {
  const auto file = MappedFile::open(path);
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  POSE_CHECK(EVP_Digest(file->data(), file->size(), digest.data(), &length, EVP_sha256(), nullptr) == 1 &&
             length == digest.size());
  constexpr const char* kHex = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) text += {kHex[byte >> 4], kHex[byte & 15]};
  return text;
}

}  // namespace pose
