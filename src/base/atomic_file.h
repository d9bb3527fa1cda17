#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace pose {

/// A file that appears under its name only when it is complete: written beside it under a name that nobody
/// can guess, synced and renamed by `commit`. Destroyed without `commit`, it leaves nothing behind.
///
/// Mode and owner are those that a plain `open` would give: of the file that is replaced, else by the umask.
/// A link is followed, so that the file behind it is replaced and the link stays. A pipe, a terminal or
/// another device
/// (`/dev/stdout`) cannot be replaced and is written to as it is; a pipe that nobody reads, a socket and a
/// folder are refused. All functions throw `kIo` with path and reason (also a full disk, which may show up
/// only at `commit`).
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Waits until what was written is on the disk, still under the temporary name.
  void sync();
  /// Renames what `sync` has brought to the disk: the last step of `commit`, but for the folder.
  void take_name();
  void commit();
  /// Like `commit`, but leaves it to the system when the bytes reach the disk: for files that can be made
  /// again.
  void commit_unsynced();

 private:
  Descriptor open_temporary();
  [[noreturn]] void fail(const char* what) const;

  std::string path_;       ///< as it was named
  std::string target_;     ///< what is replaced: `path_` with links followed
  std::string temporary_;  ///< "" where the target is written to directly
  std::FILE* file_ = nullptr;
};

/// Whether `path` is a pipe, a device or an open descriptor, which are written to as they are.
bool is_stream(const std::string& path);

/// Writes a whole small file atomically.
void write_file(const std::string& path, std::string_view bytes);

/// Makes the entries of a folder (new names, renames) last. Throws `kIo`.
void sync_folder(const std::string& folder);

/// Removes temporary files that killed processes left in `folder` (not below it). Those of living ones stay:
/// they hold a lock on them.
void remove_leftovers(const std::string& folder);

/// Creates a folder and its parents. Throws `kIo`; an existing folder is fine.
void make_folders(const std::string& path);

}  // namespace pose
