#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "pose/file_stamp.h"

namespace pose {

/// Most bytes of files that people write or that programs write for people: cfgs, names, lists.
constexpr std::size_t kLargestTextFile = std::size_t{256} << 20;

/// A regular file, open for reading. Pipes, sockets, devices and folders are refused in words; opening never
/// waits for anyone.
class InputFile {
 public:
  /// Throws `kNotFound`, `kIo`.
  explicit InputFile(const std::string& path);

  const std::string& path() const { return path_; }
  const FileStamp& stamp() const { return stamp_; }
  int descriptor() const { return descriptor_.get(); }

  /// Reads on from where the last call stopped and puts the bytes behind those in `bytes`, until `most` more
  /// are there or the file ends, wherever that is by then: its size is only a hint. Throws `kIo`.
  void append_to(std::vector<std::uint8_t>& bytes, std::size_t most);

 private:
  std::string path_;
  FileStamp stamp_;
  Descriptor descriptor_;
};

/// Size and time of a file as they are now; unknown where there is no regular file.
FileStamp file_stamp(const std::string& path);

/// Reads a whole file. A file that shrinks or grows meanwhile gives what was there. Throws `kNotFound`,
/// `kIo`, `kUnsupported` (more than `most` bytes; refused before they are read).
FileBytes read_file(const std::string& path, std::size_t most);

/// The same for a file of which the `start` has been read already.
FileBytes read_rest(InputFile& file, std::vector<std::uint8_t> start, std::size_t most);

inline std::string_view text_of(const FileBytes& file) {
  return {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()};
}

}  // namespace pose
