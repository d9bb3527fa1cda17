#include "base/atomic_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "pose/error.h"

namespace pose {

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)), temporary_(path_ + ".tmp") {
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) fail("cannot create");
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  if (bytes.empty()) return;  // may be a null pointer
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail("cannot write");
}

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || fsync(fileno(file_)) != 0) fail("cannot write");
  std::FILE* closing = std::exchange(file_, nullptr);
  if (std::fclose(closing) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::remove(temporary_.c_str());
    throw Error::io("cannot write " + path_, reason);
  }
}

void AtomicFile::fail(const char* what) { throw Error::io(std::string(what) + " " + path_, errno); }

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw Error::io("cannot create folder " + path, error.value());
  if (!std::filesystem::is_directory(path)) throw Error::io(path + " exists and is not a folder");
}

}  // namespace pose
