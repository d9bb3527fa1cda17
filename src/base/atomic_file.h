#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace pose {

/// A file that appears under its name only when it is complete: written beside it as "PATH.tmp", synced and
/// renamed by `commit`. Destroyed without `commit`, it leaves nothing behind.
/// All functions throw `kIo` with path and reason (also a full disk, which may show up only at `commit`).
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(const char* what);

  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
};

/// Writes a whole small file atomically.
void write_file(const std::string& path, std::string_view bytes);

/// Creates a folder and its parents. Throws `kIo`; an existing folder is fine.
void make_folders(const std::string& path);

}  // namespace pose
