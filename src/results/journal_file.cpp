#include "results/journal_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

/// A photo with 30,000 boxes has 3 MB.
constexpr std::size_t kLongestLine = std::size_t{1} << 28;

}  // namespace

JournalReader::JournalReader(std::string path) : path_(std::move(path)) {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) throw Error::not_found("no such file: " + path_);
  if (!S_ISREG(info.st_mode)) throw Error::io("cannot read " + path_ + ": not a regular file");
  in_.open(path_, std::ios::binary);
  if (!in_) throw Error::io("cannot read " + path_, errno);
  in_.exceptions(std::ios::badbit);  // or a line for which there is no memory would be the end of the file
}

bool JournalReader::next(std::string& line) {
  try {
    if (!std::getline(in_, line)) return false;
  } catch (const std::ios_base::failure&) {
    throw Error::io("cannot read " + path_, errno);
  }
  if (in_.eof()) return false;
  ++line_;
  if (line.size() > kLongestLine)
    throw Error::format(path_ + ", line " + std::to_string(line_) + ": too long for a journal");
  end_ += static_cast<std::int64_t>(line.size()) + 1;
  return true;
}

JournalLine JournalReader::parse(const std::string& line) const {
  return parse_journal_line(line, path_ + ", line " + std::to_string(line_));
}

void JournalReader::go_to(const Place& place) {
  in_.clear();
  in_.seekg(place.offset);
  end_ = place.offset;
  line_ = place.line;
}

}  // namespace pose
