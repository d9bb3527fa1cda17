#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/read_file.h"
#include "pose/error.h"

namespace pose {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

}  // namespace

std::string sha256_of_file(const std::string& path) {
  InputFile file(path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  POSE_CHECK(hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1);
  std::vector<std::uint8_t> chunk;
  do {
    chunk.clear();
    file.append_to(chunk, kChunkBytes);
    POSE_CHECK(EVP_DigestUpdate(hash.get(), chunk.data(), chunk.size()) == 1);
  } while (!chunk.empty());
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  POSE_CHECK(EVP_DigestFinal_ex(hash.get(), digest.data(), &length) == 1 && length == digest.size());
  constexpr const char* kHex = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) text += {kHex[byte >> 4], kHex[byte & 15]};
  return text;
}

}  // namespace pose
