#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

/// How much a buffer grows at least when a file turns out to be larger than it said.
constexpr std::size_t kLeastGrowth = 4096;

const char* kind_in_words(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void check_regular(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode))
    throw Error::io("cannot read " + path + ": it is " + kind_in_words(info.st_mode) +
                    ", not a regular file");
}

[[noreturn]] void fail_to_open(const std::string& path) {
  if (errno == ENOENT || errno == ENOTDIR) throw Error::not_found("no such file: " + path);
  throw Error::io("cannot open " + path, errno);
}

/// Looks before it opens, because opening alone does something to some devices; and does not wait, because
/// what was looked at may have become a pipe.
Descriptor open_regular(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) fail_to_open(path);
  check_regular(info, path);
  for (;;) {
    Descriptor descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (descriptor.is_open()) return descriptor;
    if (errno != EINTR) fail_to_open(path);
  }
}

FileStamp stamp_of(const struct stat& info) {
  return {std::int64_t{info.st_size},
          std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + std::int64_t{info.st_mtim.tv_nsec}};
}

[[noreturn]] void fail_too_large(const std::string& path, std::size_t most) {
  throw Error::unsupported(path + " is too large: more than " + std::to_string(most) + " bytes");
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path), descriptor_(open_regular(path)) {
  struct stat info {};
  if (fstat(descriptor_.get(), &info) != 0) fail_to_open(path);
  check_regular(info, path);
  stamp_ = stamp_of(info);
}

void InputFile::append_to(std::vector<std::uint8_t>& bytes, std::size_t most) {
  std::size_t filled = bytes.size();
  const std::size_t last = filled + most;
  // One byte more than expected shows the end of the file without growing.
  const std::size_t expected = static_cast<std::size_t>(std::max<std::int64_t>(stamp_.bytes, 0)) + 1;
  while (filled < last) {
    if (filled == bytes.size())
      bytes.resize(std::min(last, filled < expected ? expected : 2 * filled + kLeastGrowth));
    const ssize_t got = ::read(descriptor_.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error::io("cannot read " + path_, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
}

FileStamp file_stamp(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) ? stamp_of(info) : FileStamp{};
}

FileBytes read_rest(InputFile& file, std::vector<std::uint8_t> start, std::size_t most) {
  if (file.stamp().bytes > static_cast<std::int64_t>(most)) fail_too_large(file.path(), most);
  file.append_to(start, most + 1 - start.size());
  if (start.size() > most) fail_too_large(file.path(), most);
  return {std::move(start), file.stamp()};
}

FileBytes read_file(const std::string& path, std::size_t most) {
  InputFile file(path);
  return read_rest(file, {}, most);
}

}  // namespace pose
