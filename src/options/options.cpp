#include <charconv>
#include <cmath>

#include "base/number_text.h"
#include "options/option_table.h"
#include "pose/error.h"

namespace pose {
namespace {

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

/// Calls the one of `functions` that takes the option's type; the table's places are for writing as well.
template <typename... F>
auto visit_value(const Option& option, const RunOptions& run, F... functions) {
  return std::visit([&](const auto* value) { return Overloaded{functions...}(*value); },
                    option.place(const_cast<RunOptions&>(run)));
}

const RunOptions& defaults() {
  static const RunOptions options;
  return options;
}

/// Whole numbers without decimals, whatever their type.
std::string plain_number(double value) {
  constexpr double kWholeUpTo = 1e15;
  if (std::abs(value) < kWholeUpTo && std::trunc(value) == value)
    return std::to_string(static_cast<std::int64_t>(value));
  return number_text(value);
}

/// The decimal number that is meant: `0.1f` is 0.1.
double as_written(float value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  double number = value;
  std::from_chars(buffer, end, number);
  return number;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

[[noreturn]] void refuse(const Option& option, const std::string& what, const std::string& value) {
  throw Error::usage(option.spelling() + " must be " + what + ", not " + value);
}

bool holds(const NumberRange& range, double number) {
  if (range.also == number) return true;
  return std::isfinite(number) && number >= range.low && number <= range.high &&
         (range.multiple == 1 || std::fmod(number, range.multiple) == 0);
}

void check_text(const Option& option, const std::string& text, bool may_be_empty) {
  const char* what = option.value_name == "DIR" ? "the name of a folder" : "a name";
  if (text.empty() && !may_be_empty) refuse(option, what, "empty");
  const std::size_t nul = text.find('\0');
  if (nul != std::string::npos)
    refuse(option, "a text without NUL bytes", "'" + text.substr(0, nul) + "\\0...'");
}

void check(const Option& option, const RunOptions& run) {
  visit_value(
      option, run, [](const bool&) {},
      [&](const std::string& text) { check_text(option, text, default_text(option).empty()); },
      [&](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) check_text(option, text, false);
      },
      [&](const auto& number) {
        if (!holds(option.range, static_cast<double>(number)))
          refuse(option, range_text(option), value_text(option, run));
      });
}

}  // namespace

std::string_view word_for(const Option& option, bool value) {
  const std::size_t bar = option.value_name.find('|');
  return value ? option.value_name.substr(bar + 1) : option.value_name.substr(0, bar);
}

std::string value_text(const Option& option, const RunOptions& run) {
  return visit_value(
      option, run,
      [&](const bool& on) {
        return option.is_switch() ? std::string(on ? "true" : "false") : std::string(word_for(option, on));
      },
      [](const std::string& text) { return text; },
      [](const std::vector<std::string>& texts) { return joined(texts); },
      [](const float& number) { return plain_number(as_written(number)); },
      [](const double& number) { return plain_number(number); },
      [](const auto& whole) { return std::to_string(whole); });
}

std::string default_text(const Option& option) { return value_text(option, defaults()); }

std::string range_text(const Option& option) {
  const NumberRange& range = option.range;
  if (!std::isfinite(range.low)) return "";
  std::string text = range.also ? plain_number(*range.also) + " or " : "";
  text += range.multiple == 1 ? "a number" : "a multiple of " + std::to_string(range.multiple);
  if (!std::isfinite(range.high)) return text + " of at least " + plain_number(range.low);
  return text + " from " + plain_number(range.low) + " to " + plain_number(range.high);
}

void check_options(const RunOptions& options) {
  for (const Option& option : option_table()) check(option, options);
}

namespace {

/// Defaults are in range, so those of the other owners may be checked with one owner's.
template <typename Part>
void check_part(const Part& part, Part RunOptions::*place) {
  RunOptions run;
  run.*place = part;
  check_options(run);
}

}  // namespace

void check_options(const SourceOptions& options) { check_part(options, &RunOptions::source); }
void check_options(const ModelOptions& options) { check_part(options, &RunOptions::models); }
void check_options(const OutputOptions& options) { check_part(options, &RunOptions::output); }
void check_options(const CompareOptions& options) { check_part(options, &RunOptions::compare); }
void check_options(const MachineOptions& options) { check_part(options, &RunOptions::machine); }

std::vector<OptionValue> option_values(const RunOptions& options) {
  std::vector<OptionValue> values;
  for (const Option& option : option_table())
    values.push_back(
        {std::string(option.name), value_text(option, options), option.shapes_results, option.shapes_files});
  return values;
}

}  // namespace pose
