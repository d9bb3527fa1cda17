#include "source/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "base/read_file.h"
#include "image/image_file.h"
#include "pose/error.h"
#include "source/kinds.h"
#include "source/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStandardInput = "-";
constexpr std::size_t kBlock = std::size_t{1} << 16;
/// A few kilobytes can be made to swell to any size.
constexpr std::size_t kLargestMember = std::size_t{1} << 30;
constexpr std::size_t kMostMembers = 10'000'000;

struct Free {
  void operator()(archive* a) const { archive_read_free(a); }
};

/// libarchive brings names to the encoding of the locale, and drops those that it has no letters for. Ours
/// are UTF-8, whatever the locale is.
class Utf8Names {
 public:
  Utf8Names() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    before_ = uselocale(utf8);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
  ~Utf8Names() { uselocale(before_); }

 private:
  locale_t before_;
};

/// One way through an archive, from its first member to its last.
class ArchiveWalk {
 public:
  explicit ArchiveWalk(const std::string& path) : file_(path), archive_(archive_read_new()) {
    if (!archive_) throw Error::memory("not enough memory to open " + path);
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip(archive_.get());
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_bzip2(archive_.get());
    if (archive_read_open_fd(archive_.get(), file_.descriptor(), kBlock) != ARCHIVE_OK) fail(ARCHIVE_FATAL);
  }

  /// Whether there is a way on after an error.
  bool is_usable() const { return usable_; }

  /// How many members have been come to.
  std::size_t passed() const { return passed_; }

  /// Goes to the next member; null at the end. Throws `kFormat` where there is no way on.
  archive_entry* next() {
    const Utf8Names utf8;
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result == ARCHIVE_FATAL || result == ARCHIVE_RETRY) fail(result);
    ++passed_;
    const char* name = archive_entry_pathname(entry);
    name_ = name ? name : "";
    return entry;
  }

  /// Where the member lies, as its maker wrote it.
  const std::string& name() const { return name_; }

  /// Reads on in the member that it stands at, until `most` bytes more are there or it ends. Throws
  /// `kFormat`.
  void append_to(std::vector<std::uint8_t>& bytes, std::size_t most) {
    const std::size_t end = bytes.size() + most;
    for (std::size_t filled = bytes.size(); filled < end;) {
      bytes.resize(std::min(end, std::max(filled + kBlock, filled * 2)));
      const la_ssize_t count =
          archive_read_data(archive_.get(), bytes.data() + filled, bytes.size() - filled);
      filled += static_cast<std::size_t>(std::max<la_ssize_t>(count, 0));
      if (count <= 0 || filled == end) bytes.resize(filled);
      if (count < 0) fail(static_cast<int>(count));
      if (count == 0) return;
    }
  }

 private:
  [[noreturn]] void fail(int result) {
    usable_ = result != ARCHIVE_FATAL;
    const char* reason = archive_error_string(archive_.get());
    throw Error::format("the archive is damaged or of an unknown kind (" + std::string(reason ? reason : "") +
                        ")");
  }

  InputFile file_;
  std::unique_ptr<archive, Free> archive_;
  std::string name_;
  std::size_t passed_ = 0;
  bool usable_ = true;
};

/// Both passes, the listing and the reading, see the same.
FileStamp stamp_of(archive_entry* entry) {
  FileStamp stamp;
  if (archive_entry_size_is_set(entry)) stamp.bytes = archive_entry_size(entry);
  stamp.modified_ns =
      static_cast<std::int64_t>(archive_entry_mtime(entry)) * 1'000'000'000 + archive_entry_mtime_nsec(entry);
  return stamp;
}

/// Reads members of one archive; in their order it goes through it once.
class ArchiveReader {
 public:
  /// `file` is what `path` leads to, if nothing else keeps it.
  ArchiveReader(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  const std::string& path() const { return path_; }

  FileBytes read(std::size_t member) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return read_member(go_to(member));
  }

 private:
  archive_entry* go_to(std::size_t member) {
    if (!walk_ || !walk_->is_usable() || walk_->passed() > member) walk_.emplace(path_);
    archive_entry* entry = nullptr;
    while (walk_->passed() <= member) {
      entry = walk_->next();
      if (!entry) throw Error::format("the archive has changed: it ends before this photo");
    }
    return entry;
  }

  FileBytes read_member(archive_entry* entry) {
    if (archive_entry_is_data_encrypted(entry) || archive_entry_is_metadata_encrypted(entry))
      throw Error::unsupported("this photo is encrypted: unpack the archive with its password first");
    FileBytes file{{}, stamp_of(entry)};
    walk_->append_to(file.bytes, kPictureStart);
    check_picture_start(file.bytes);
    walk_->append_to(file.bytes, kLargestMember + 1 - file.bytes.size());
    if (file.bytes.size() > kLargestMember)
      throw Error::unsupported("photos of more than " + std::to_string(kLargestMember) +
                               " bytes are not read from archives");
    return file;
  }

  std::string path_;
  Descriptor file_;
  std::mutex mutex_;
  std::optional<ArchiveWalk> walk_;
};

/// Standard input as a file without a name, since it is gone through twice: gone with the descriptor.
Descriptor keep_standard_input() {
  std::FILE* file = std::tmpfile();
  Descriptor kept(file ? ::dup(::fileno(file)) : -1);
  std::array<char, kBlock> block;
  bool written = kept.is_open();
  for (std::size_t count; written && (count = std::fread(block.data(), 1, block.size(), stdin)) > 0;)
    written = std::fwrite(block.data(), 1, count, file) == count;
  written = file && std::fclose(file) == 0 && written;
  if (!written) throw Error::io("cannot keep the archive of standard input in a temporary file", errno);
  return kept;
}

std::shared_ptr<ArchiveReader> open_archive(const std::string& path) {
  if (path != kStandardInput) return std::make_shared<ArchiveReader>(path, Descriptor());
  Descriptor kept = keep_standard_input();
  const std::string way = "/proc/self/fd/" + std::to_string(kept.get());
  return std::make_shared<ArchiveReader>(way, std::move(kept));
}

/// "photos" of "dir/photos.zip" and of "dir/photos.tar.gz".
std::string stem_of(const std::string& path) {
  if (path == kStandardInput) return "stdin";
  const fs::path stem = fs::path(path).stem();
  return stem.extension() == ".tar" ? stem.stem().string() : stem.string();
}

/// As in folders: nothing hidden, nothing without the ending of a picture.
bool wanted(archive_entry* entry, const std::string& name) {
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) return false;
  const fs::path path(name);
  const bool hidden = std::any_of(path.begin(), path.end(), [](const fs::path& part) {
    const std::string text = part.string();
    return text == "__MACOSX" || (text[0] == '.' && text != "." && text != "..");
  });
  return !hidden && has_picture_ending(name);
}

/// What stands behind the damage, nobody knows how many photos: one that fails, so that the run does not end
/// as if nothing were missing.
SourcePhoto rest_of(const std::string& path, std::size_t members, const Error& damage) {
  const std::string name = "behind member " + std::to_string(members);
  SourcePhoto rest{path + "/" + name, stem_of(path) + "/" + name};
  rest.archive = path;
  rest.read = [damage](const SourcePhoto&) -> PhotoBytes { throw damage; };
  rest.stamp = [](const SourcePhoto&) { return FileStamp{}; };
  return rest;
}

bool begins_like_archive(const std::string& path) {
  constexpr std::array<std::pair<std::size_t, std::string_view>, 7> kSignatures{{{0, "PK\3\4"},
                                                                                 {0, "PK\5\6"},
                                                                                 {0, "\x1F\x8B"},
                                                                                 {0, "\x28\xB5\x2F\xFD"},
                                                                                 {0, "\xFD\x37zXZ"},
                                                                                 {0, "BZh"},
                                                                                 {257, "ustar"}}};
  constexpr std::size_t kTarHeader = 512;
  std::vector<std::uint8_t> start;
  InputFile(path).append_to(start, kTarHeader);
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  return std::any_of(kSignatures.begin(), kSignatures.end(), [&](const auto& signature) {
    return text.size() > signature.first &&
           text.substr(signature.first, signature.second.size()) == signature.second;
  });
}

}  // namespace

bool is_archive(const std::string& path) {
  if (path == kStandardInput) return true;
  try {
    if (!begins_like_archive(path)) return false;
    ArchiveWalk(path).next();  // a compressed file need not hold an archive
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::vector<SourcePhoto> list_archive(const std::string& path, ListContext&) {
  std::vector<SourcePhoto> photos;
  ResultNames names;
  const auto reader = open_archive(path);
  ArchiveWalk walk(reader->path());
  try {
    while (archive_entry* entry = walk.next()) {
      if (walk.passed() > kMostMembers)
        throw Error::unsupported("archives of more than " + std::to_string(kMostMembers) +
                                 " members are not read");
      if (!wanted(entry, walk.name())) continue;
      const std::string name = names.add(walk.name());
      SourcePhoto photo{path + "/" + name, stem_of(path) + "/" + name};
      photo.archive = reader->path();
      photo.read = [reader, member = walk.passed() - 1](const SourcePhoto&) { return reader->read(member); };
      photo.stamp = [stamp = stamp_of(entry)](const SourcePhoto&) { return stamp; };
      photos.push_back(std::move(photo));
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kFormat) throw error.with_context(path);
    photos.push_back(rest_of(path, walk.passed(), error));
  }
  return photos;
}

}  // namespace pose
