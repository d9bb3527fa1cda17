#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "results/record_text.h"

namespace pose {

constexpr std::string_view kPartialJournal = "journal.partial.jsonl";
constexpr std::string_view kCompleteJournal = "journal.jsonl";

/// Reads a journal line by line. A last line without its end is what a crash left of it: it is not there.
class JournalReader {
 public:
  /// Throws `kNotFound`, `kIo`.
  explicit JournalReader(std::string path);

  /// The next line as text, false at the end. Throws `kIo`, `kFormat` for a line beyond any sensible length.
  bool next(std::string& line);
  /// `line` as what it says; messages name file and line.
  JournalLine parse(const std::string& line) const;
  /// Where the whole lines read so far end, in bytes.
  std::int64_t end() const { return end_; }

  /// Where a line begins.
  struct Place {
    std::int64_t offset = 0;
    std::size_t line = 0;  ///< lines before it
  };
  /// Of the line that `next` will give.
  Place place() const { return {end_, line_}; }
  void go_to(const Place& place);

 private:
  std::string path_;
  std::ifstream in_;
  std::int64_t end_ = 0;
  std::size_t line_ = 0;
};

}  // namespace pose
