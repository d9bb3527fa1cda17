#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/get_weights.h"
#include "cli/terminal.h"
#include "options/presets.h"
#include "pose/error.h"
#include "pose/log.h"
#include "pose/model_card.h"

namespace pose {
namespace {

constexpr int kStalledSeconds = 60;

struct ModelsArguments {
  std::vector<std::string> models_dir;
  bool verify = false;
  bool verbose = false;
  bool list = false;
  std::string name;  ///< of a card or preset
  std::string from;  ///< URL or file, instead of the card's sources
  int timeout = kStalledSeconds;
};

bool is_present(const ModelCard& card) {
  std::error_code error;
  return std::filesystem::is_regular_file(card.weights, error);
}

std::string number_text(const char* format, double value) {
  if (value == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string accuracy_text(const ModelCard& card) {
  if (card.accuracy.metric.empty()) return "-";
  return card.accuracy.metric + " " + number_text("%.1f", card.accuracy.value);
}

void print_presets(const std::vector<ModelCard>& cards) {
  std::printf("PRESET, for 'pose --preset NAME' and 'pose models get NAME'\n");
  for (const Preset& preset : presets()) {
    int missing = 0;
    for (const std::string_view name : {preset.detector, preset.pose_model})
      missing += std::none_of(cards.begin(), cards.end(),
                              [&](const ModelCard& card) { return card.name == name && is_present(card); });
    const std::string pair = std::string(preset.detector) + " + " + std::string(preset.pose_model);
    std::printf("  %-12s %-36s %s\n", std::string(preset.name).c_str(), pair.c_str(),
                missing == 0   ? "present"
                : missing == 1 ? "one is missing"
                               : "missing");
  }
}

void print_details(const ModelCard& card) {
  const auto more = [](const char* what, const std::string& text) {
    if (!text.empty()) std::printf("    %-10s %s\n", what, text.c_str());
  };
  more("", card.description);
  more("accuracy", card.accuracy.on.empty() ? "" : accuracy_text(card) + " on " + card.accuracy.on);
  more("cost", number_text("%.1f million parameters, ", card.cost.million_parameters) +
                   number_text("%.1f GMACs", card.cost.gmacs));
  more("licence", card.license);
  more("file", card.weights);
  for (const WeightSource& source : card.sources)
    more("source", source.place + (source.note.empty() ? "" : " (" + source.note + ")"));
}

void print_cards(const std::vector<ModelCard>& cards, bool verbose) {
  std::printf("\n%-29s %-8s %-7s %8s %-12s %6s\n", "CARD", "ROLE", "HERE", "MB", "ACCURACY", "MS");
  for (const ModelCard& card : cards) {
    const std::string size = size_text(card);
    std::printf("%-29s %-8s %-7s %8s %-12s %6s\n", card.name.c_str(),
                card.role == ModelRole::kPose ? "pose" : "detector", is_present(card) ? "present" : "-",
                size.empty() ? "-" : size.c_str(), accuracy_text(card).c_str(),
                number_text("%.0f", card.cost.milliseconds).c_str());
    if (verbose) print_details(card);
  }
  if (verbose) return;
  std::printf(
      "\nAccuracy as published, per cent; ms for each picture or person on two cores (models/README.md).\n"
      "'pose models -v' says more.\n");
}

int verify(const std::vector<ModelCard>& cards) {
  int exit_code = kExitOk;
  for (const ModelCard& card : cards) {
    std::string fault;
    const WeightsState state = check_weights_file(card, &fault);
    if (state == WeightsState::kMissing) continue;
    if (state == WeightsState::kWrong) exit_code = kExitFailed;
    std::printf("%-29s %s\n", card.name.c_str(),
                state == WeightsState::kRight     ? "ok"
                : state == WeightsState::kUnknown ? "present; its card does not say what to compare it with"
                                                  : (card.weights + " " + fault).c_str());
  }
  return exit_code;
}

int list_models(const ModelsArguments& arguments) {
  set_log_sink([](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) say("warning: " + std::string(text));
  });
  const std::vector<ModelCard> cards = list_model_cards(model_folders(arguments.models_dir));
  if (arguments.verify) return verify(cards);
  print_presets(cards);
  print_cards(cards, arguments.verbose);
  return kExitOk;
}

/// The card of this name, or both cards of a preset.
std::vector<ModelCard> cards_of(const std::string& name, const std::vector<std::string>& folders) {
  for (const Preset& preset : presets())
    if (preset.name == name)
      return {load_model_card(std::string(preset.detector), folders),
              load_model_card(std::string(preset.pose_model), folders)};
  return {load_model_card(name, folders)};
}

int get_models(const ModelsArguments& arguments) {
  const std::vector<ModelCard> cards = cards_of(arguments.name, model_folders(arguments.models_dir));
  if (!arguments.from.empty() && cards.size() > 1)
    throw Error::usage("--from is for the weights of one card; " + arguments.name + " needs those of '" +
                       cards[0].name + "' and '" + cards[1].name + "'");
  if (arguments.timeout < 1) throw Error::usage("--timeout must be at least 1 second");
  std::optional<Error> failed;  // the other card's weights are worth having
  for (const ModelCard& card : cards) {
    if (failed) std::fprintf(stderr, "pose: %s\n", failed->what());
    try {
      if (arguments.list)
        print_sources(card);
      else
        get_weights(card, arguments.from, arguments.timeout);
    } catch (const Error& e) {
      failed = e;
    }
  }
  if (failed) throw *failed;
  return kExitOk;
}

}  // namespace

std::vector<Command> models_commands() {
  const auto values = std::make_shared<ModelsArguments>();
  const Field<ModelsArguments> folders{"--models_dir", "DIR", "more folders with cards",
                                       &ModelsArguments::models_dir};
  return {
      make_command<ModelsArguments>(
          "models", "list presets and model cards; verify or get their weights",
          {{"-v,--verbose", "", "all that the cards say", &ModelsArguments::verbose},
           {"--verify", "", "check sizes and sha256 of the weights that are there", &ModelsArguments::verify},
           folders},
          &list_models, values),
      make_command<ModelsArguments>(
          "models get", "fetch the weights of a card or preset, going on where a broken download stopped",
          {{"NAME", "", "the card or preset", &ModelsArguments::name, true},
           {"--list", "", "only say what would be fetched, and from where", &ModelsArguments::list},
           {"--from", "URL|FILE", "instead of the card's sources", &ModelsArguments::from},
           {"--timeout", "SECONDS", "give a source up that sends nothing for so long (60)",
            &ModelsArguments::timeout},
           folders},
          &get_models, values)};
}

}  // namespace pose
