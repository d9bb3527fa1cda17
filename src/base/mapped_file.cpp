#include "base/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/read_file.h"
#include "pose/error.h"

namespace pose {

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  const InputFile file(path);
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->size_ = static_cast<std::size_t>(file.stamp().bytes);
  if (mapped->size_ == 0) return mapped;
  void* memory = mmap(nullptr, mapped->size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
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
