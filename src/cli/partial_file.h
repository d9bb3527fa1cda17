#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pose {

/// What the bytes of an unfinished download are a part of.
struct PartOrigin {
  std::string source;         ///< URL as asked for
  std::string etag;           ///< as the server states it, "" if it does not
  std::string last_modified;  ///< likewise
  std::int64_t bytes = -1;    ///< of the whole file; -1: unknown

  /// What `If-Range` takes: the server's word for this very version. "" where it gave none that holds.
  std::string validator() const;
};

/// A file on its way to `target`: the bytes in "TARGET.part", where they come from beside it in
/// "TARGET.part.json". Both stay for a later call unless the part is empty. Links are never followed, and no
/// other process can fetch the same target meanwhile. All functions throw `kIo`.
class PartialFile {
 public:
  /// Takes up what is there. Throws `kUsage` while another process fetches the target.
  explicit PartialFile(const std::string& target);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }
  /// Nothing is known of an empty part.
  const PartOrigin& origin() const { return origin_; }

  /// Forgets all bytes and starts with the first of `origin`.
  void begin(const PartOrigin& origin);
  void append(std::string_view bytes);
  /// Forgets all bytes.
  void clear();
  /// Puts the file in its place for good: synced, renamed, the folder synced.
  void finish();

 private:
  void open();
  void read_origin();
  [[noreturn]] void fail(const std::string& what) const;

  std::string target_, path_, origin_path_;
  PartOrigin origin_;
  std::int64_t size_ = 0;
  int fd_ = -1;
};

/// Whether a file that begins like this is a page for a browser.
bool is_web_page(std::string_view first_bytes);

}  // namespace pose
