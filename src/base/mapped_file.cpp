#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "pose/error.h"

namespace pose {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0 && (errno == ENOENT || errno == ENOTDIR)) throw Error::not_found("no such file: " + path);
  if (file.fd < 0) throw Error::io("cannot open " + path, errno);
  struct stat info {};
  if (fstat(file.fd, &info) != 0) throw Error::io("cannot open " + path, errno);
  if (!S_ISREG(info.st_mode)) throw Error::io("cannot open " + path + ": not a regular file");
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->size_ = static_cast<std::size_t>(info.st_size);
  if (mapped->size_ == 0) return mapped;
  void* memory = mmap(nullptr, mapped->size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (memory == MAP_FAILED) {
    mapped->size_ = 0;
    throw Error::io("cannot map " + path, errno);
  }
  mapped->data_ = static_cast<const std::uint8_t*>(memory);
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_) munmap(const_cast<std::uint8_t*>(data_), size_);
}

}  // namespace pose
