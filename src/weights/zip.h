#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace pose {

constexpr std::size_t kMaxZipEntries = 100'000;

/// One entry of a zip archive; name and data are views into the archive.
struct ZipEntry {
  std::string_view name;
  std::uint16_t method = 0;  ///< 0: stored
  std::uint32_t crc = 0;
  std::uint64_t packed_size = 0, size = 0;
  std::uint64_t header_offset = 0, data_offset = 0;
};

/// The directory of a zip archive (also zip64), proved before anybody uses it: every entry lies inside the
/// archive, its local header agrees with the directory, no two entries share a byte, no name comes twice.
/// Names are only compared, never used as paths. Nothing is ever inflated.
class ZipArchive {
 public:
  /// `what` names the archive in messages. The bytes must outlive the archive. Throws `kFormat`,
  /// `kUnsupported` (encrypted, several disks).
  ZipArchive(const std::uint8_t* data, std::size_t size, std::string what);

  /// In the order of the directory.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The entry of that name or nullptr. O(log n).
  const ZipEntry* find(std::string_view name) const;
  /// The bytes of a stored entry. Throws `kUnsupported` if it is compressed, `kFormat` if its CRC-32 is
  /// wrong.
  ByteReader content(const ZipEntry& entry) const;

 private:
  struct Directory {
    std::uint64_t entries, size, offset;
  };
  Directory find_directory() const;
  Directory read_zip64_directory(std::size_t end_record) const;
  void read_entries(const Directory& directory);
  void check_local_header(ZipEntry& entry, std::uint64_t directory_offset) const;
  void index_names();
  void check_overlaps() const;

  const std::uint8_t* data_;
  std::size_t size_;
  std::string what_;
  std::vector<ZipEntry> entries_;
  std::vector<std::uint32_t> by_name_;
};

}  // namespace pose
