#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pose {

/// One "key=value" line of a Darknet cfg, blanks removed.
struct CfgEntry {
  std::string key, value;
  int line = 0;
};

/// The lines of one section as they stand in the file.
struct CfgLines {
  std::string name;  ///< without the brackets
  int line = 0;
  std::vector<CfgEntry> entries;
};

/// Splits the text of a cfg. `file` is its name for messages ("FILE:LINE: what").
/// Throws `kFormat` for lines that are neither section, entry, comment nor empty, and for too many of them.
std::vector<CfgLines> split_darknet_cfg(std::string_view text, const std::string& file);

/// Takes typed values out of one section; whoever is done asks `finish` to report what nobody took.
class CfgReader {
 public:
  CfgReader(const CfgLines& section, const std::string& file);

  /// A whole number in [low, high].
  int integer(const std::string& key, int fallback, int low, int high);
  float number(const std::string& key, float fallback, float low, float high);
  bool flag(const std::string& key) { return integer(key, 0, 0, 1) == 1; }
  /// Numbers with commas between them; empty if the key is not there.
  std::vector<int> integers(const std::string& key);
  std::vector<float> numbers(const std::string& key);
  std::string text(const std::string& key, const std::string& fallback);
  bool has(const std::string& key) const;

  /// For keys that would change the result and that this program does not know how to follow: any value but
  /// `neutral` (compared as a number where it is one) is `kUnsupported`.
  void require(const std::string& key, const std::string& neutral);

  /// Logs a warning for every key that was not taken and is not one of Darknet's training settings.
  void finish() const;

  /// "FILE:LINE: MESSAGE" at the line of `key`, or of the section where it has no such key.
  std::string at(const std::string& key, const std::string& message) const;

 private:
  const CfgEntry* take(const std::string& key);

  const CfgLines& section_;
  const std::string& file_;
  std::vector<bool> taken_;
};

}  // namespace pose
