#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pose {

/// Reads JSON value by value and keeps none: for files with millions of numbers. The caller asks for what it
/// expects,
///
///     scanner.begin_list();
///     while (scanner.next_item()) sum += scanner.number();
///
/// and what is not there is `kFormat` with line and byte. As strict as JSON is; nesting is bounded, and names
/// may stand twice in an object.
class JsonScanner {
 public:
  /// `text` must outlive the scanner; `file` is its name in messages.
  JsonScanner(std::string_view text, std::string file);

  /// The first byte of what comes next; blanks are passed. Throws at the end of the text.
  char peek();

  void begin_object() { begin('{'); }
  /// Whether there is another member; its name goes to `name` and its value comes next.
  bool next_member(std::string& name);
  void begin_list() { begin('['); }
  bool next_item() { return next(']'); }

  double number();         ///< finite
  std::int64_t integer();  ///< within +-2^53
  bool truth();            ///< true, false, 0 or 1
  std::string text();      ///< UTF-8
  void skip();             ///< a value of any kind

  /// Throws if anything but blanks follows.
  void finish();
  /// "FILE, line 3, byte 17: WHAT"; bytes are counted within the line, from 1.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void begin(char opener);
  bool next(char closer);
  void pass_blanks();
  void literal(std::string_view word);
  void digits();
  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  std::vector<char> fresh_;  ///< per open list or object: nothing of it was read yet
};

}  // namespace pose
