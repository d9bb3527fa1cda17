#include "base/mapped_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <map>
#include <mutex>

#include "base/read_file.h"
#include "pose/error.h"

namespace pose {
namespace {

/// All mapped files by their first byte.
struct Mappings {
  std::mutex mutex;
  std::map<std::uintptr_t, std::size_t> sizes;
};

Mappings& mappings() {
  static Mappings all;
  return all;
}

}  // namespace

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
  const std::lock_guard lock(mappings().mutex);
  mappings().sizes[reinterpret_cast<std::uintptr_t>(memory)] = mapped->size_;
  return mapped;
}

MappedFile::~MappedFile() {
  if (!data_) return;
  const std::lock_guard lock(mappings().mutex);
  mappings().sizes.erase(reinterpret_cast<std::uintptr_t>(data_));
  munmap(const_cast<std::uint8_t*>(data_), size_);
}

void MappedFile::forget(const void* data, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(data), end = first + bytes;
  const std::uintptr_t from = (first + page - 1) / page * page, to = end / page * page;
  if (from >= to) return;
  const std::lock_guard lock(mappings().mutex);
  const auto next = mappings().sizes.upper_bound(first);
  if (next == mappings().sizes.begin()) return;
  const auto& [begin, size] = *std::prev(next);
  if (end <= begin + size) madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

}  // namespace pose
