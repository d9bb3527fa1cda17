#include "base/atomic_file.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "pose/error.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

// Short, so that it fits wherever the file's own name of up to 255 bytes does.
constexpr std::string_view kTemporaryStart = ".pose-", kTemporaryEnd = ".tmp";
constexpr std::size_t kRandomDigits = 16;
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr int kMostLinks = 40;  // as Linux follows

std::string folder_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string temporary_beside(const std::string& path) {
  std::array<std::uint8_t, kRandomDigits> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw Error::io("cannot get random numbers", errno);
  std::string name(kTemporaryStart);
  for (const std::uint8_t byte : random) name += kDigits[byte % kDigits.size()];
  return folder_of(path) + "/" + name + std::string(kTemporaryEnd);
}

bool is_temporary(const std::string& name) {
  return name.size() == kTemporaryStart.size() + kRandomDigits + kTemporaryEnd.size() &&
         name.compare(0, kTemporaryStart.size(), kTemporaryStart) == 0 &&
         name.compare(name.size() - kTemporaryEnd.size(), kTemporaryEnd.size(), kTemporaryEnd) == 0 &&
         name.find_first_not_of(kDigits, kTemporaryStart.size()) == name.size() - kTemporaryEnd.size();
}

/// Where a chain of links leads; a link to nothing counts, for a plain `open` would make its target. Nothing
/// where it leads to an open descriptor (`/dev/stdout`): a rename would not reach who holds it.
std::optional<std::string> follow_links(std::string path) {
  for (int i = 0; i < kMostLinks; ++i) {
    if (path.rfind("/proc/", 0) == 0 || path.rfind("/dev/fd/", 0) == 0) return std::nullopt;
    std::error_code error;
    const fs::path link = fs::read_symlink(path, error);
    if (error) return path;
    path = link.is_absolute() ? link.string() : (fs::path(path).parent_path() / link).string();
  }
  throw Error::io("cannot write " + path, ELOOP);
}

/// The bits and the owner of the file that will be replaced.
void take_after(int fd, const struct stat& old) {
  struct stat made {};
  if (fstat(fd, &made) != 0) return;
  // Only root may give files away; for others the file becomes their own, as the folder allows.
  if (made.st_uid != old.st_uid || made.st_gid != old.st_gid) (void)!fchown(fd, old.st_uid, old.st_gid);
  (void)fchmod(fd, old.st_mode & 07777);
}

Descriptor open_stream(const std::string& path) {
  // Without waiting: a pipe without a reader would hold the program for ever.
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd.is_open() && errno == ENXIO)
    throw Error::io("cannot write " + path + ": it is a pipe that nobody reads, or a socket");
  if (!fd.is_open()) throw Error::io("cannot write " + path, errno);
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
  return fd;
}

std::FILE* stream_of(Descriptor fd, const std::string& path) {
  std::FILE* file = fdopen(fd.get(), "wb");
  if (!file) throw Error::io("cannot write " + path, errno);
  fd.release();
  return file;
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) throw Error::io("cannot write " + path_ + ": it is a folder");
  if (is_stream(path_)) {
    file_ = stream_of(open_stream(path_), path_);
    return;
  }
  target_ = *follow_links(path_);
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("cannot write");
  Descriptor fd = open_temporary();
  try {
    if (exists) take_after(fd.get(), info);
    file_ = stream_of(std::move(fd), path_);
  } catch (...) {
    ::unlink(temporary_.c_str());
    throw;
  }
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  __fpurge(file_);
  std::fclose(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Descriptor AtomicFile::open_temporary() {
  for (;;) {
    temporary_ = temporary_beside(target_);
    Descriptor fd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!fd.is_open() && errno == EEXIST) continue;
    if (!fd.is_open()) fail("cannot create");
    // The lock says that this file has an owner; who cleans up may have been faster.
    flock(fd.get(), LOCK_EX);
    struct stat info {};
    if (fstat(fd.get(), &info) == 0 && info.st_nlink > 0) return fd;
  }
}

void AtomicFile::write(std::string_view bytes) {
  if (bytes.empty()) return;  // may be a null pointer
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail("cannot write");
}

void AtomicFile::sync() {
  if (std::fflush(file_) != 0) fail("cannot write");
  if (!temporary_.empty() && fsync(fileno(file_)) != 0) fail("cannot write");
}

void AtomicFile::commit() {
  sync();
  take_name();
  if (!target_.empty()) sync_folder(folder_of(target_));
}

void AtomicFile::commit_unsynced() {
  if (std::fflush(file_) != 0) fail("cannot write");
  take_name();
  if (std::fclose(std::exchange(file_, nullptr)) != 0) fail("cannot write");
}

void AtomicFile::take_name() {
  // Renamed while it is open: the lock keeps others from taking it for a left-over.
  if (!temporary_.empty() && std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot write");
  temporary_.clear();
}

void AtomicFile::fail(const char* what) const { throw Error::io(std::string(what) + " " + path_, errno); }

bool is_stream(const std::string& path) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  return (exists && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) || !follow_links(path);
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void sync_folder(const std::string& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() && errno == EACCES) return;  // it may be written, but not read
  // Some file systems cannot sync folders and say EINVAL: nothing more can be done there.
  if (!fd.is_open() || (fsync(fd.get()) != 0 && errno != EINVAL))
    throw Error::io("cannot write the folder " + folder, errno);
}

void remove_leftovers(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (is_temporary(it->path().filename().string())) found.push_back(it->path().string());
  for (const std::string& path : found) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (fd.is_open() && fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode) &&
        flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
      ::unlink(path.c_str());
  }
}

void make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw Error::io("cannot create folder " + path, error.value());
  if (!std::filesystem::is_directory(path)) throw Error::io(path + " exists and is not a folder");
}

}  // namespace pose
