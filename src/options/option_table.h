#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pose/options.h"

namespace pose {

/// Where the value of an option lives.
using OptionPlace =
    std::variant<bool*, int*, std::int64_t*, float*, double*, std::string*, std::vector<std::string>*>;

/// The numbers that an option takes: multiples of `multiple` from `low` to `high`, and `also`.
struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();  ///< infinity: any finite number from `low` on
  std::optional<double> also = std::nullopt;
  int multiple = 1;  ///< for whole numbers
};

/// One option of a run. Parser, check, `run.json`, man page and completions know no other description; the
/// default is what `RunOptions{}` has at its place.
struct Option {
  std::string_view name;  ///< as in `--NAME`
  std::string_view group;
  /// What stands for the value: "FILE", "DIR" and "CARD" are completed as such; "" is a switch; of a bool
  /// "no|yes" are the words for false and true.
  std::string_view value_name;
  std::string_view help;
  bool shapes_results;  ///< false if people come out the same whatever the value
  OptionPlace (*place)(RunOptions& run);
  NumberRange range = {};
  char letter = 0;            ///< of the short form, or 0
  bool shapes_files = false;  ///< whether files per photo depend on it: pictures, dumps of stages

  bool is_positional() const { return name == "inputs"; }
  bool is_switch() const { return value_name.empty(); }
  /// "--conf"; "inputs" for the positional one.
  std::string spelling() const { return (is_positional() ? "" : "--") + std::string(name); }
  /// "-i,--indir", "--conf".
  std::string flags() const { return (letter ? std::string{'-', letter, ','} : "") + spelling(); }
};

/// The group of what `--against` and the command `compare` share.
constexpr const char* kCompareGroup = "Comparison";

/// All options of a run, in the order in which they are shown; those of a group stand together.
const std::vector<Option>& option_table();

/// The value of `option` in `run`, the same text for the same value: "true", "-1", "0.4"; lists joined by
/// blanks.
std::string value_text(const Option& option, const RunOptions& run);
std::string default_text(const Option& option);

/// "-1 or a number from 0 to 1"; "" for what takes no number.
std::string range_text(const Option& option);

/// The words of a value name "no|yes" for false and true.
std::string_view word_for(const Option& option, bool value);

}  // namespace pose
