#include "base/gunzip.h"

#include <zlib.h>

#include <algorithm>

#include "pose/error.h"

namespace pose {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr int kGzipOnly = 16 + MAX_WBITS;

/// One member after another, until the input ends.
class Inflater {
 public:
  Inflater(const std::vector<std::uint8_t>& bytes, const std::string& file) : bytes_(bytes), file_(file) {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw Error::memory(file + ": no memory to unpack it");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fills `chunk`; less than it holds is the end.
  std::size_t read(std::vector<std::uint8_t>& chunk) {
    stream_.next_out = chunk.data();
    stream_.avail_out = static_cast<uInt>(chunk.size());
    while (stream_.avail_out > 0 && !(ended_ && input_is_empty())) step();
    return chunk.size() - stream_.avail_out;
  }

 private:
  bool input_is_empty() const { return stream_.avail_in == 0 && at_ == bytes_.size(); }

  void step() {
    if (stream_.avail_in == 0) feed();
    if (ended_ && inflateReset(&stream_) != Z_OK) fail();
    const int result = inflate(&stream_, Z_NO_FLUSH);
    ended_ = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR && input_is_empty())
      throw Error::format(file_ + ": its gzip data is cut off; copy or make the file again");
    if (result != Z_OK && !ended_) fail();
  }

  void feed() {
    const std::size_t count = std::min(kChunk, bytes_.size() - at_);
    stream_.next_in = const_cast<Bytef*>(bytes_.data() + at_);
    stream_.avail_in = static_cast<uInt>(count);
    at_ += count;
  }

  [[noreturn]] void fail() const {
    throw Error::format(file_ + ": its gzip data is damaged; copy or make the file again");
  }

  const std::vector<std::uint8_t>& bytes_;
  const std::string& file_;
  z_stream stream_{};
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

bool is_gzip(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

std::vector<std::uint8_t> gunzip(const std::vector<std::uint8_t>& bytes, std::size_t most,
                                 const std::string& file) {
  Inflater inflater(bytes, file);
  std::vector<std::uint8_t> text, chunk(kChunk);
  for (std::size_t count = kChunk; count == kChunk;) {
    count = inflater.read(chunk);
    if (text.size() + count > most)
      throw Error::unsupported(file + ": unpacks to more than " + std::to_string(most >> 20) + " MB");
    text.insert(text.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return text;
}

}  // namespace pose
