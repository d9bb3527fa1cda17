#include <algorithm>
#include <cstdio>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/processor_name.h"
#include "base/usable_cores.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "estimator/self_test.h"
#include "image/samples.h"
#include "pose/log.h"
#include "pose/model_card.h"
#include "pose/version.h"

namespace pose {
namespace {

struct DoctorArguments {
  std::vector<std::string> models_dir;
  bool json = false;
};

/// All that is looked at.
struct Findings {
  std::vector<std::string> features = processor_features();
  std::vector<EngineCheck> engines = check_engines();
  std::vector<PictureKind> pictures = picture_kinds();
  std::vector<ModelCard> cards;
  std::vector<std::string> bad_cards;  ///< what is said of those that cannot be read
};

Findings examine(const DoctorArguments& arguments) {
  Findings found;
  set_log_sink([&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) found.bad_cards.emplace_back(text);
  });
  found.cards = list_model_cards(model_folders(arguments.models_dir));
  set_log_sink(nullptr);
  return found;
}

bool is_present(const ModelCard& card) { return missing_weights_message(card).empty(); }

/// What stands in the way of a run, a line each.
std::vector<std::string> troubles(const Findings& found) {
  std::vector<std::string> lines;
  const auto works = [](const EngineCheck& e) { return e.fault.empty(); };
  for (const EngineCheck& e : found.engines)
    if (e.opened() && !works(e)) lines.push_back("engine " + e.name + ": " + e.fault);
  if (std::none_of(found.engines.begin(), found.engines.end(), works)) lines.emplace_back("no engine works");
  for (const PictureKind& kind : found.pictures)
    if (!kind.fault.empty() && (kind.name == "JPEG" || kind.name == "PNG"))
      lines.push_back(kind.name + ": " + kind.fault);
  lines.insert(lines.end(), found.bad_cards.begin(), found.bad_cards.end());
  return lines;
}

template <typename Items, typename Text>
std::string joined(const Items& items, const char* between, Text text_of) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : between) + text_of(item);
  return text;
}

std::string same(const std::string& text) { return text; }

/// "12 of 34 cards: a, b".
std::string cards_text(const std::vector<ModelCard>& cards) {
  std::vector<std::string> present;
  for (const ModelCard& card : cards)
    if (is_present(card)) present.push_back(card.name);
  return std::to_string(present.size()) + " of " + counted(cards.size(), "card", "cards") +
         " with weights: " + joined(present, ", ", &same);
}

std::string engine_text(const EngineCheck& e) {
  if (!e.fault.empty()) return e.fault;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f s", e.seconds);
  return e.runs_on + ", finds the person on the built-in photo (" + seconds + " with loading)";
}

void print(const char* what, const std::string& text) {
  std::printf("%-10s %s\n", what, for_terminal(text).c_str());
}

void print_text(const Findings& found, const std::vector<std::string>& lines) {
  print("pose", std::string(kVersion) + ", OpenCV " CV_VERSION ", built by " POSE_COMPILER);
  print("processor", processor_name() + ", " +
                         counted(static_cast<std::size_t>(usable_cores()), "core", "cores") + ", " +
                         joined(found.features, " ", &same));
  for (const EngineCheck& e : found.engines) print("engine", e.name + ": " + engine_text(e));
  std::vector<std::string> read;
  for (const PictureKind& kind : found.pictures)
    if (kind.fault.empty())
      read.push_back(kind.name);
    else
      print("pictures", kind.name + ": not read here: " + kind.fault);
  print("pictures", joined(read, ", ", &same) + ": read");
  print("models", cards_text(found.cards) + "; 'pose models' lists all");
  for (const std::string& line : lines) print("trouble", line);
  print("verdict", lines.empty() ? "pose works here" : "pose does not work as it should, see above");
}

void print_json(const Findings& found, const std::vector<std::string>& lines) {
  const auto list = [](const auto& items, auto text_of) { return "[" + joined(items, ",", text_of) + "]"; };
  const auto engine = [](const EngineCheck& e) {
    return "\n  {\"name\": " + json_string(e.name) + ", \"runs_on\": " + json_string(e.runs_on) +
           ", \"works\": " + (e.fault.empty() ? "true" : "false") +
           ", \"seconds\": " + number_text(e.seconds) + ", \"fault\": " + json_string(e.fault) + "}";
  };
  const auto picture = [](const PictureKind& kind) {
    return "\n  {\"kind\": " + json_string(kind.name) +
           ", \"read\": " + (kind.fault.empty() ? "true" : "false") +
           ", \"fault\": " + json_string(kind.fault) + "}";
  };
  const auto card = [](const ModelCard& c) {
    return "\n  {\"card\": " + json_string(c.name) + ", \"weights\": " + json_string(c.weights) +
           ", \"present\": " + (is_present(c) ? "true" : "false") + "}";
  };
  const std::string text =
      "{\"version\": " + json_string(kVersion) + ", \"opencv\": " + json_string(CV_VERSION) +
      ", \"compiler\": " + json_string(POSE_COMPILER) + ",\n\"processor\": " + json_string(processor_name()) +
      ", \"cores\": " + std::to_string(usable_cores()) +
      ", \"features\": " + list(found.features, &json_string) +
      ",\n\"engines\": " + list(found.engines, engine) + ",\n\"pictures\": " + list(found.pictures, picture) +
      ",\n\"cards\": " + list(found.cards, card) + ",\n\"troubles\": " + list(lines, &json_string) +
      ",\n\"works\": " + (lines.empty() ? "true" : "false") + "}";
  std::printf("%s\n", text.c_str());
}

int doctor(const DoctorArguments& arguments) {
  const Findings found = examine(arguments);
  const std::vector<std::string> lines = troubles(found);
  (arguments.json ? print_json : print_text)(found, lines);
  return lines.empty() ? kExitOk : kExitFailed;
}

}  // namespace

Command doctor_command() {
  return make_command<DoctorArguments>(
      "doctor", "check this installation: engines, picture codecs, models, and a small run",
      {{"--json", "", "as JSON", &DoctorArguments::json},
       {"--models_dir", "DIR", "more folders with cards", &DoctorArguments::models_dir}},
      &doctor);
}

}  // namespace pose
