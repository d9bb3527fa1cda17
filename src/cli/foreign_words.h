#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace pose {

/// What becomes of a word of another program's command line.
enum class ForeignWordUse {
  kTaken,       ///< the run goes on without it, and says why
  kTranslated,  ///< the call is refused, with the same call in our words
  kRefused      ///< the call is refused, with what to use instead
};

/// A row of the table of words that people know from other programs.
struct ForeignWord {
  /// "--image_dir", with underscores; "source=" for any "source=VALUE"; "predict" for the first name in a
  /// line.
  std::string_view word;
  std::string_view program;  ///< whose it is
  ForeignWordUse use;
  /// Our words for it ("" for none), or the sentence about it; "{}" is its value.
  std::string_view text;
  bool takes_value = false;
};

const std::vector<ForeignWord>& foreign_words();

/// A command line without other programs' words.
struct OwnWords {
  std::vector<std::string> arguments;
  std::vector<std::string> remarks;  ///< one for each word that was left out
};

/// Also gives `--flip` without a value the value that AlphaPose means. Throws `kUsage` for words that are
/// refused or translated, for long options with one dash, and for a first word that is no file but near the
/// name of a command. What follows the name of one of `commands`, or "--", is left as it is.
OwnWords in_own_words(const std::vector<std::string>& arguments, const std::vector<Command>& commands);

}  // namespace pose
