#include "weights/zip.h"

#include <zlib.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace pose {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kEnd64LocatorSignature = 0x07064b50;
constexpr std::size_t kEndBytes = 22, kEnd64LocatorBytes = 20;
constexpr std::size_t kMaxCommentBytes = 0xFFFF;
constexpr std::uint16_t kEncrypted = 1, kSizesFollowData = 8;  // flags of an entry
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint32_t kIn64Bits = 0xFFFFFFFF;  ///< the value stands in a zip64 field
constexpr std::uint16_t kIn64BitsShort = 0xFFFF;

/// Replaces the sizes and the offset that stand in the zip64 field among the extra fields of a directory
/// entry.
void read_zip64_field(ByteReader extra, ZipEntry& entry) {
  std::uint64_t* const values[] = {&entry.size, &entry.packed_size, &entry.header_offset};
  while (extra.remaining() >= 4) {
    const auto id = extra.read<std::uint16_t>();
    ByteReader field(nullptr, 0, extra.what());
    const auto bytes = extra.read<std::uint16_t>();
    field = ByteReader(extra.take(bytes), bytes, extra.what());
    if (id != kZip64Extra) continue;
    for (std::uint64_t* value : values)
      if (*value == kIn64Bits) *value = field.read<std::uint64_t>();
  }
}

}  // namespace

ZipArchive::ZipArchive(const std::uint8_t* data, std::size_t size, std::string what)
    : data_(data), size_(size), what_(std::move(what)) {
  const Directory directory = find_directory();
  read_entries(directory);
  for (ZipEntry& entry : entries_) check_local_header(entry, directory.offset);
  index_names();
  check_overlaps();
}

ZipArchive::Directory ZipArchive::find_directory() const {
  ByteReader in(data_, size_, what_);
  if (size_ < kEndBytes) in.fail("too short for a zip archive");
  const std::size_t latest = size_ - kEndBytes;
  const std::size_t earliest = latest - std::min(latest, kMaxCommentBytes);
  for (std::size_t at = latest + 1; at-- > earliest;) {
    in.seek(at);
    if (in.read<std::uint32_t>() != kEndSignature) continue;
    in.seek(at + kEndBytes - 2);
    if (in.read<std::uint16_t>() != latest - at) continue;  // the comment ends where the file ends
    in.seek(at + 4);
    const auto disk = in.read<std::uint16_t>(), directory_disk = in.read<std::uint16_t>();
    const auto entries_here = in.read<std::uint16_t>(), entries = in.read<std::uint16_t>();
    const auto bytes = in.read<std::uint32_t>(), offset = in.read<std::uint32_t>();
    const bool wide = entries == kIn64BitsShort || bytes == kIn64Bits || offset == kIn64Bits;
    if (disk != directory_disk || entries != entries_here || (disk != 0 && !wide))
      throw Error::unsupported(what_ + ": a zip archive in several parts");
    const Directory directory = wide ? read_zip64_directory(at) : Directory{entries, bytes, offset};
    if (directory.offset > at || directory.size > at - directory.offset)
      in.fail("the zip directory is not inside the file");
    return directory;
  }
  in.fail(
      "the zip directory at the end of the file is missing: the file is cut off or damaged; get it again");
}

ZipArchive::Directory ZipArchive::read_zip64_directory(std::size_t end_record) const {
  ByteReader in(data_, size_, what_);
  if (end_record < kEnd64LocatorBytes) in.fail("a zip64 archive without its directory record");
  in.seek(end_record - kEnd64LocatorBytes);
  if (in.read<std::uint32_t>() != kEnd64LocatorSignature)
    in.fail("a zip64 archive without its directory record");
  in.take(4);  // disk
  in.seek(in.read<std::uint64_t>());
  if (in.read<std::uint32_t>() != kEnd64Signature) in.fail("a zip64 archive without its directory record");
  in.take(8 + 2 + 2 + 4 + 4 + 8);  // size of this record, versions, disks, entries on this disk
  Directory directory{};
  directory.entries = in.read<std::uint64_t>();
  directory.size = in.read<std::uint64_t>();
  directory.offset = in.read<std::uint64_t>();
  return directory;
}

void ZipArchive::read_entries(const Directory& directory) {
  ByteReader in(data_ + directory.offset, static_cast<std::size_t>(directory.size),
                what_ + " (zip directory)");
  if (directory.entries > kMaxZipEntries)
    in.fail(std::to_string(directory.entries) + " entries, more than " + std::to_string(kMaxZipEntries));
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (in.read<std::uint32_t>() != kCentralSignature) in.fail("no directory entry where one should be");
    in.take(4);  // versions
    ZipEntry entry;
    if (in.read<std::uint16_t>() & kEncrypted) throw Error::unsupported(what_ + ": an encrypted zip archive");
    entry.method = in.read<std::uint16_t>();
    in.take(4);  // time
    entry.crc = in.read<std::uint32_t>();
    entry.packed_size = in.read<std::uint32_t>();
    entry.size = in.read<std::uint32_t>();
    const auto name_bytes = in.read<std::uint16_t>(), extra_bytes = in.read<std::uint16_t>();
    const auto comment_bytes = in.read<std::uint16_t>();
    in.take(2 + 2 + 4);  // disk, attributes
    entry.header_offset = in.read<std::uint32_t>();
    entry.name = in.text(name_bytes);
    read_zip64_field(ByteReader(in.take(extra_bytes), extra_bytes, in.what()), entry);
    in.take(comment_bytes);
    entries_.push_back(entry);
  }
  if (in.remaining() != 0) in.fail("bytes behind the last directory entry");
}

void ZipArchive::check_local_header(ZipEntry& entry, std::uint64_t directory_offset) const {
  ByteReader in(data_, static_cast<std::size_t>(directory_offset), what_);
  in.seek(entry.header_offset);
  if (in.read<std::uint32_t>() != kLocalSignature)
    in.fail("a zip entry that is not where the directory says");
  in.take(2);  // version
  const auto flags = in.read<std::uint16_t>(), method = in.read<std::uint16_t>();
  in.take(4);  // time
  const auto crc = in.read<std::uint32_t>(), packed_size = in.read<std::uint32_t>();
  const auto size = in.read<std::uint32_t>();
  const auto name_bytes = in.read<std::uint16_t>(), extra_bytes = in.read<std::uint16_t>();
  if (in.text(name_bytes) != entry.name || method != entry.method)
    in.fail("a zip entry whose own header differs from the directory");
  in.take(extra_bytes);
  const auto agrees = [](std::uint64_t local, std::uint64_t wanted) {
    return local == wanted || local == kIn64Bits;
  };
  if (!(flags & kSizesFollowData) &&
      (crc != entry.crc || !agrees(packed_size, entry.packed_size) || !agrees(size, entry.size)))
    in.fail("a zip entry whose own size or CRC differs from the directory");
  if (entry.method == 0 && entry.size != entry.packed_size) in.fail("a stored zip entry with two sizes");
  entry.data_offset = in.position();
  in.take(entry.packed_size);
}

void ZipArchive::index_names() {
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::uint32_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return entries_[a].name < entries_[b].name; });
  const auto twice = std::adjacent_find(
      by_name_.begin(), by_name_.end(),
      [this](std::uint32_t a, std::uint32_t b) { return entries_[a].name == entries_[b].name; });
  if (twice != by_name_.end()) throw Error::format(what_ + ": two zip entries have the same name");
}

void ZipArchive::check_overlaps() const {
  std::vector<const ZipEntry*> in_order;
  for (const ZipEntry& entry : entries_) in_order.push_back(&entry);
  std::sort(in_order.begin(), in_order.end(),
            [](const ZipEntry* a, const ZipEntry* b) { return a->header_offset < b->header_offset; });
  for (std::size_t i = 1; i < in_order.size(); ++i)
    if (in_order[i]->header_offset < in_order[i - 1]->data_offset + in_order[i - 1]->packed_size)
      throw Error::format(what_ + ": two zip entries overlap");
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [this](std::uint32_t i, std::string_view n) { return entries_[i].name < n; });
  return found != by_name_.end() && entries_[*found].name == name ? &entries_[*found] : nullptr;
}

ByteReader ZipArchive::content(const ZipEntry& entry) const {
  const std::string what = what_ + " (" + std::string(entry.name) + ")";
  if (entry.method != 0)
    throw Error::unsupported(
        what +
        ": a compressed entry; PyTorch stores them plainly, so the archive was packed by "
        "another program. Save it again with torch.save, or unpack it and zip with -0");
  const std::uint8_t* bytes = data_ + entry.data_offset;
  if (crc32_z(0, bytes, static_cast<std::size_t>(entry.size)) != entry.crc)
    throw Error::format(what + ": wrong CRC-32: the file is damaged; get it again");
  return {bytes, static_cast<std::size_t>(entry.size), what};
}

}  // namespace pose
