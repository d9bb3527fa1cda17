#include "cli/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/atomic_file.h"
#include "base/descriptor.h"
#include "base/json_reader.h"
#include "base/mapped_file.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;

}  // namespace

std::string PartOrigin::validator() const {
  const bool weak = etag.rfind("W/", 0) == 0;
  return etag.empty() || weak ? last_modified : etag;
}

PartialFile::PartialFile(const std::string& target)
    : target_(target), path_(target + ".part"), origin_path_(path_ + ".json") {
  open();
  struct stat info {};
  const bool plain = fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1;
  if (!plain) {
    ::close(fd_);
    throw Error::io("cannot write " + path_ + ": it is no file of its own; remove it");
  }
  size_ = info.st_size;
  read_origin();
}

PartialFile::~PartialFile() {
  if (fd_ < 0) return;
  if (size_ == 0) {
    std::error_code ignored;
    std::filesystem::remove(origin_path_, ignored);
    std::filesystem::remove(path_, ignored);
  }
  ::close(fd_);
}

void PartialFile::open() {
  while (fd_ < 0) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd_ < 0 && errno == ELOOP) throw Error::io("cannot write " + path_ + ": it is a link; remove it");
    if (fd_ < 0) fail("cannot write");
    const bool locked = flock(fd_, LOCK_EX | LOCK_NB) == 0;
    if (locked && is_still(fd_, path_)) return;
    ::close(std::exchange(fd_, -1));
    if (!locked) throw Error::usage("another process is fetching " + target_ + "; try again when it is done");
  }
}

/// Where nothing that can be trusted says what the bytes are, they are of no use.
void PartialFile::read_origin() {
  if (size_ == 0) return clear();
  try {
    const auto file = MappedFile::open(origin_path_);
    const nlohmann::json json =
        parse_strictly({reinterpret_cast<const char*>(file->data()), file->size()}, origin_path_);
    ObjectReader reader(json, origin_path_, "");
    origin_.source = reader.text("source");
    origin_.etag = reader.text_or("etag", "");
    origin_.last_modified = reader.text_or("last_modified", "");
    origin_.bytes = reader.integer("bytes", -1, kMostBytes);
    reader.finish();
  } catch (const Error&) {
    clear();
  }
}

void PartialFile::begin(const PartOrigin& origin) {
  clear();
  const nlohmann::json json{{"source", origin.source},
                            {"etag", origin.etag},
                            {"last_modified", origin.last_modified},
                            {"bytes", origin.bytes}};
  write_file(origin_path_, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  origin_ = origin;
}

void PartialFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write");
    size_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartialFile::clear() {
  if (ftruncate(fd_, 0) != 0) fail("cannot write");
  size_ = 0;
  origin_ = {};
  std::error_code ignored;
  std::filesystem::remove(origin_path_, ignored);
}

void PartialFile::finish() {
  if (fsync(fd_) != 0) fail("cannot write");
  if (std::rename(path_.c_str(), target_.c_str()) != 0) throw Error::io("cannot write " + target_, errno);
  std::error_code ignored;
  std::filesystem::remove(origin_path_, ignored);
  sync_folder(std::filesystem::absolute(target_).parent_path().string());
  ::close(std::exchange(fd_, -1));
}

void PartialFile::fail(const std::string& what) const { throw Error::io(what + " " + path_, errno); }

bool is_web_page(std::string_view first_bytes) {
  constexpr std::array<std::string_view, 4> kBeginnings{"<!doctype html", "<html", "<head", "<body"};
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (first_bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    first_bytes.remove_prefix(kByteOrderMark.size());
  while (!first_bytes.empty() && std::isspace(static_cast<unsigned char>(first_bytes.front())))
    first_bytes.remove_prefix(1);
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view tag) {
    return first_bytes.size() >= tag.size() &&
           std::equal(tag.begin(), tag.end(), first_bytes.begin(),
                      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
  });
}

}  // namespace pose
