#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/json_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "estimator/fitting_cards.h"
#include "estimator/measure.h"
#include "graph/architectures.h"
#include "graph/darknet.h"
#include "graph/describe.h"
#include "pose/error.h"
#include "pose/model_card.h"
#include "weights/checkpoint.h"
#include "weights/inspect.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  std::string file;
  bool json = false;
  bool plan = false;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string shape_text(const Chw& s) { return shape_text(std::vector<std::int64_t>{s.c, s.h, s.w}); }

/// Published weights that a hash is known of.
struct KnownFile {
  std::string card, license, place;
};

/// By the first digits of the hash, as many as are known.
std::optional<KnownFile> find_known(const std::string& sha256, const std::vector<ModelCard>& cards) {
  const auto is_same = [&](const std::string& digits) {
    return !digits.empty() && sha256.compare(0, digits.size(), digits) == 0;
  };
  for (const ModelCard& card : cards) {
    for (const WeightSource& source : card.sources)
      if (is_same(source.sha256)) return KnownFile{card.name, source.license, source.place};
    if (is_same(card.weights_sha256)) return KnownFile{card.name, card.license, "?"};
  }
  return std::nullopt;
}

std::int64_t bytes_of(const TensorView& t) {
  return t.elements() * static_cast<std::int64_t>(size_of(t.dtype));
}

void print_file(const WeightFileInfo& info, const FittingCards& fitting,
                const std::optional<KnownFile>& known) {
  std::printf("%s\n  format      %s\n  file        %llu bytes\n  sha256      %s\n",
              for_terminal(info.path).c_str(), info.format.c_str(),
              static_cast<unsigned long long>(info.file_bytes), info.sha256.c_str());
  for (const auto& [name, value] : info.facts)
    std::printf("  %-11s %s\n", name.c_str(), for_terminal(value).c_str());
  std::printf("  tensors     %zu, %lld elements, %lld bytes\n", info.tensors.tensors().size(),
              static_cast<long long>(info.parameters), static_cast<long long>(info.tensor_bytes));
  for (const std::string& name : fitting.names) std::printf("  fits        %s\n", name.c_str());
  if (fitting.names.empty() && !fitting.nearest.empty())
    std::printf("  nearest     %s (%.0f %% of its tensors are here)\n", fitting.nearest.c_str(),
                100 * fitting.nearest_share);
  if (known)
    std::printf("  known as    %s, licence %s, from %s\n", known->card.c_str(), known->license.c_str(),
                known->place.c_str());
  for (const TensorView& t : info.tensors.tensors())
    std::printf("  %-56s %-5s %-20s %10lld bytes  storage %s\n", t.name.c_str(),
                std::string(to_string(t.dtype)).c_str(), shape_text(t.shape).c_str(),
                static_cast<long long>(bytes_of(t)), t.storage.c_str());
}

void print_file_json(const WeightFileInfo& info, const FittingCards& fitting,
                     const std::optional<KnownFile>& known) {
  std::string text = "{\"path\": " + json_string(info.path) + ", \"format\": " + json_string(info.format) +
                     ", \"bytes\": " + std::to_string(info.file_bytes) +
                     ", \"sha256\": " + json_string(info.sha256) + ",\n\"facts\": {";
  for (std::size_t i = 0; i < info.facts.size(); ++i)
    text += (i ? ", " : "") + json_string(info.facts[i].first) + ": " + json_string(info.facts[i].second);
  text += "},\n\"parameters\": " + std::to_string(info.parameters) +
          ", \"tensor_bytes\": " + std::to_string(info.tensor_bytes) + ", \"fits\": [";
  for (std::size_t i = 0; i < fitting.names.size(); ++i)
    text += (i ? ", " : "") + json_string(fitting.names[i]);
  text += "], \"nearest\": " + json_string(fitting.nearest);
  if (known)
    text += ", \"known_as\": " + json_string(known->card) + ", \"license\": " + json_string(known->license);
  text += ",\n\"tensors\": [";
  bool first = true;
  for (const TensorView& t : info.tensors.tensors()) {
    text += (first ? "\n{\"name\": " : ",\n{\"name\": ") + json_string(t.name) + ", \"dtype\": \"" +
            std::string(to_string(t.dtype)) + "\", \"shape\": " + shape_text(t.shape) +
            ", \"bytes\": " + std::to_string(bytes_of(t)) + ", \"storage\": " + json_string(t.storage) + "}";
    first = false;
  }
  std::printf("%s\n]}\n", text.c_str());
}

void print_graph(const Graph& graph, bool as_json) {
  const GraphCost total = cost(graph);
  if (as_json) std::printf("\"layers\": [");
  bool first = true;
  for (const LayerInfo& layer : describe(graph)) {
    if (as_json)
      std::printf("%s\n{\"name\": %s, \"op\": \"%s\", \"shape\": %s, \"parameters\": %lld, \"macs\": %lld}",
                  first ? "" : ",", json_string(layer.name).c_str(), layer.op.c_str(),
                  shape_text(layer.shape).c_str(), static_cast<long long>(layer.parameters),
                  static_cast<long long>(layer.macs));
    else
      std::printf("  %-44s %-16s %-18s %12lld parameters %14lld multiply-adds\n", layer.name.c_str(),
                  layer.op.c_str(), shape_text(layer.shape).c_str(), static_cast<long long>(layer.parameters),
                  static_cast<long long>(layer.macs));
    first = false;
  }
  if (as_json)
    std::printf("\n],\n\"parameters\": %lld, \"conv_macs\": %lld}\n",
                static_cast<long long>(total.parameters), static_cast<long long>(total.conv_macs));
  else
    std::printf("  %lld parameters, %.3f GMACs in convolutions\n", static_cast<long long>(total.parameters),
                static_cast<double>(total.conv_macs) / 1e9);
}

int inspect_card(const ModelCard& card, bool as_json) {
  const std::string missing = missing_weights_message(card);
  if (as_json) {
    std::printf(
        "{\"card\": %s, \"architecture\": %s, \"weights\": %s, \"present\": %s, \"description\": %s,\n",
        json_string(card.name).c_str(), json_string(card.architecture).c_str(),
        json_string(card.weights).c_str(), missing.empty() ? "true" : "false",
        json_string(card.description).c_str());
  } else {
    std::printf("%s (%s): %s\n  weights     %s, %s\n  licence     %s\n", card.name.c_str(),
                card.architecture.c_str(), card.description.c_str(), card.weights.c_str(),
                missing.empty() ? "present" : "missing", card.license.c_str());
    if (!card.provenance.empty()) std::printf("  provenance  %s\n", card.provenance.c_str());
  }
  if (card.architecture == kTorchScript) {
    if (as_json) std::printf("\"layers\": []}\n");
    return kExitOk;
  }
  print_graph(graph_of(card), as_json);
  return kExitOk;
}

/// What `--plan` adds: the steps, and where in the memory of all maps each leaves its result.
int print_plan(const ModelCard& card, bool as_json) {
  const std::vector<PlanStep> steps = plan_of(card, {});
  if (as_json) std::printf("{\"card\": %s, \"plan\": [", json_string(card.name).c_str());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const PlanStep& s = steps[i];
    if (as_json)
      std::printf("%s\n{\"algorithm\": %s, \"layer\": %s, \"shapes\": %s, \"place\": %lld, \"macs\": %lld}",
                  i ? "," : "", json_string(s.algorithm).c_str(), json_string(s.layer).c_str(),
                  json_string(s.shapes).c_str(), static_cast<long long>(s.place),
                  static_cast<long long>(s.macs));
    else
      std::printf("%4zu  %-13s %-36s %s at %lld\n", i, s.algorithm.c_str(), s.layer.c_str(), s.shapes.c_str(),
                  static_cast<long long>(s.place));
  }
  if (as_json) std::printf("\n]}\n");
  return kExitOk;
}

int inspect_cfg(const std::string& path, bool as_json) {
  if (as_json)
    std::printf("{\"cfg\": %s,\n", json_string(path).c_str());
  else
    std::printf("%s (darknet)\n", for_terminal(path).c_str());
  print_graph(build_darknet(read_darknet_cfg(path), 0, DarknetStyle::kDarknet).graph, as_json);
  return kExitOk;
}

int inspect(const InspectArguments& arguments) {
  const std::vector<std::string> folders = model_folders();
  const std::string ending = fs::path(arguments.file).extension().string();
  std::error_code error;
  if (arguments.plan) return print_plan(load_model_card(arguments.file, folders), arguments.json);
  if (ending == ".cfg") return inspect_cfg(arguments.file, arguments.json);
  if (ending == ".json" || !fs::exists(arguments.file, error)) {
    if (ending != ".json" && arguments.file.find('/') != std::string::npos)
      throw Error::not_found("no such file: " + arguments.file);
    return inspect_card(load_model_card(arguments.file, folders), arguments.json);
  }
  const WeightFileInfo info = inspect_weight_file(arguments.file);
  const std::vector<ModelCard> cards = list_model_cards(folders);
  const FittingCards fitting = find_fitting_cards(canonical(info.tensors), cards);
  const std::optional<KnownFile> known = find_known(info.sha256, cards);
  (arguments.json ? print_file_json : print_file)(info, fitting, known);
  return kExitOk;
}

}  // namespace

Command inspect_command() {
  return make_command<InspectArguments>(
      "inspect", "show what is in a weight file, cfg or model card",
      {{"FILE", "", "any weight file, .cfg, card name or path", &InspectArguments::file, true},
       {"--plan", "", "of a card: the steps in which our engine runs it", &InspectArguments::plan},
       {"--json", "", "as JSON", &InspectArguments::json}},
      &inspect);
}

}  // namespace pose
