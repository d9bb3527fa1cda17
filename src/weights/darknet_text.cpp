#include "weights/darknet_text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "pose/error.h"
#include "pose/log.h"

namespace pose {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxSections = 10'000;
constexpr std::size_t kMaxEntries = 1'000;      // of one section
constexpr std::size_t kMaxListLength = 10'000;  // numbers of one value
constexpr std::size_t kShownText = 60;          // characters of a bad line that a message repeats

/// Settings of training and of Darknet's own detection loop, with blanks around each: they do not change what
/// the network computes.
constexpr std::string_view kTrainingKeys =
    " absolute adam adversarial_lr angle aspect B1 B2 batch beta1 beta_nms bias_match blur burn_in center "
    "cls_normalizer contrastive coord_scale counters_per_class cutmix decay delta_normalizer dont_update "
    "dontload dontloadscales dropblock dropblock_size_abs dropblock_size_rel dynamic_minibatch ema_alpha "
    "eps exposure flip focal_loss gamma gaussian_noise hue ignore_thresh iou_loss iou_normalizer "
    "iou_thresh iou_thresh_kind jitter label_smooth_eps learning_rate learning_rate_min log_step "
    "loss_scale map max max_batches max_chart_loss max_crop max_delta min_crop mixup momentum mosaic "
    "mosaic_bound nms_kind num_steps_customize obj_normalizer object_scale objectness_smooth onlyforward "
    "optimized_memory policy power probability random rescore resize resize_step saturation scales "
    "seq_scales sequential_subdivisions sgdr_cycle sgdr_mult show_details step steps stopbackward "
    "subdivisions thresh time_steps truth_thresh try_fix_nan uc_normalizer workspace_size_limit_MB ";

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kShownText)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return text.size() > kShownText ? out + "..." : out;
}

[[noreturn]] void fail(const std::string& file, int line, const std::string& what) {
  throw Error::format(file + ":" + std::to_string(line) + ": " + what);
}

/// Without blanks (Darknet ignores them everywhere) and without a comment.
std::string squeezed(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (c == '#' || c == ';') break;
    if (c != ' ' && c != '\t' && c != '\r') out += c;
  }
  return out;
}

void add_line(const std::string& line, int number, const std::string& file, std::vector<CfgLines>& sections) {
  if (line.front() == '[') {
    if (line.back() != ']' || line.size() < 3)
      fail(file, number, "'" + shown(line) + "' is not a section: [NAME]");
    if (sections.size() == kMaxSections)
      fail(file, number, "more than " + std::to_string(kMaxSections) + " sections");
    sections.push_back({line.substr(1, line.size() - 2), number, {}});
    return;
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string::npos || equals == 0)
    fail(file, number, "'" + shown(line) + "' is neither a [section] nor KEY=VALUE; is this a Darknet cfg?");
  if (sections.empty()) fail(file, number, "a setting before the first section; a cfg begins with [net]");
  std::vector<CfgEntry>& entries = sections.back().entries;
  if (entries.size() == kMaxEntries)
    fail(file, number, "more than " + std::to_string(kMaxEntries) + " settings in one section");
  entries.push_back({line.substr(0, equals), line.substr(equals + 1), number});
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Number>
std::vector<Number> parse_list(const CfgEntry* entry, const std::string& file) {
  std::vector<Number> values;
  if (!entry) return values;
  std::string_view rest = entry->value;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const auto value = parse<Number>(rest.substr(0, comma));
    if (!value || values.size() == kMaxListLength)
      fail(file, entry->line,
           entry->key + " must be numbers with commas between them, not '" + shown(entry->value) + "'");
    values.push_back(*value);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return values;
}

template <typename Number>
Number in_range(const CfgEntry& entry, Number low, Number high, const char* what, const std::string& file) {
  const auto value = parse<Number>(entry.value);
  if (value && *value >= low && *value <= high) return *value;
  char range[64];
  std::snprintf(range, sizeof range, " from %g to %g", static_cast<double>(low), static_cast<double>(high));
  fail(file, entry.line, entry.key + " must be " + what + range + ", not '" + shown(entry.value) + "'");
}

}  // namespace

std::vector<CfgLines> split_darknet_cfg(std::string_view text, const std::string& file) {
  if (text.size() > kMaxTextBytes)
    throw Error::format(file + ": " + std::to_string(text.size()) + " bytes are too many for a Darknet cfg");
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::vector<CfgLines> sections;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = squeezed(text.substr(0, end));
    if (!line.empty()) add_line(line, number, file, sections);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sections;
}

CfgReader::CfgReader(const CfgLines& section, const std::string& file)
    : section_(section), file_(file), taken_(section.entries.size(), false) {}

const CfgEntry* CfgReader::take(const std::string& key) {
  const CfgEntry* found = nullptr;
  for (std::size_t i = 0; i < section_.entries.size(); ++i) {
    const CfgEntry& entry = section_.entries[i];
    if (entry.key != key) continue;
    taken_[i] = true;
    if (!found)
      found = &entry;
    else if (found->value != entry.value)
      fail(file_, entry.line, key + " has another value in line " + std::to_string(found->line));
  }
  return found;
}

bool CfgReader::has(const std::string& key) const {
  return std::any_of(section_.entries.begin(), section_.entries.end(),
                     [&](const CfgEntry& entry) { return entry.key == key; });
}

int CfgReader::integer(const std::string& key, int fallback, int low, int high) {
  const CfgEntry* entry = take(key);
  return entry ? in_range(*entry, low, high, "a whole number", file_) : fallback;
}

float CfgReader::number(const std::string& key, float fallback, float low, float high) {
  const CfgEntry* entry = take(key);
  return entry ? in_range(*entry, low, high, "a number", file_) : fallback;
}

std::vector<int> CfgReader::integers(const std::string& key) { return parse_list<int>(take(key), file_); }

std::vector<float> CfgReader::numbers(const std::string& key) { return parse_list<float>(take(key), file_); }

std::string CfgReader::text(const std::string& key, const std::string& fallback) {
  const CfgEntry* entry = take(key);
  return entry ? entry->value : fallback;
}

void CfgReader::require(const std::string& key, const std::string& neutral) {
  const CfgEntry* entry = take(key);
  if (!entry || entry->value == neutral) return;
  const auto value = parse<double>(entry->value), wanted = parse<double>(neutral);
  if (value && wanted && *value == *wanted) return;
  throw Error::unsupported(at(key, "[" + section_.name + "] with " + key + "=" + shown(entry->value) +
                                       " is not supported, only " + key + "=" + neutral));
}

void CfgReader::finish() const {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const CfgEntry& entry = section_.entries[i];
    const bool known = kTrainingKeys.find(" " + entry.key + " ") != std::string_view::npos;
    if (!taken_[i] && !known)
      log_warning(file_ + ":" + std::to_string(entry.line) + ": [" + section_.name + "] has no setting '" +
                  shown(entry.key) + "' that this program knows; ignored");
  }
}

std::string CfgReader::at(const std::string& key, const std::string& message) const {
  int line = section_.line;
  for (const CfgEntry& entry : section_.entries)
    if (entry.key == key) line = entry.line;
  return file_ + ":" + std::to_string(line) + ": " + message;
}

}  // namespace pose
