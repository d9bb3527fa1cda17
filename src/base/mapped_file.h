#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pose {

/// A large file mapped read-only into memory. Pages are read when they are touched and belong to the page
/// cache. One that is cut while it is mapped ends the process: what may change meanwhile is read with
/// `read_file`.
class MappedFile {
 public:
  /// Throws `kNotFound`, `kIo` (also for folders and other things that are no regular file).
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  const std::string& path() const { return path_; }

  /// Lets the pages that lie wholly in these bytes of a mapped file leave memory; whoever looks at them again
  /// has them read once more. Nothing for bytes that lie elsewhere.
  static void forget(const void* data, std::size_t bytes);

 private:
  MappedFile() = default;

  std::string path_;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pose
