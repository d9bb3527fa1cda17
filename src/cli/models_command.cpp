#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/download.h"
#include "cli/exit_code.h"
#include "graph/architectures.h"
#include "graph/describe.h"
#include "pose/error.h"
#include "pose/log.h"
#include "pose/model_card.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

struct ModelsArguments {
  std::vector<std::string> models_dir;
  bool verify = false;
  std::string name;
  std::string from;  ///< URL or file, instead of the card's sources
};

std::string megabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

/// "" if the file is what the card says; otherwise what is wrong with it.
std::string fault_of(const ModelCard& card, const std::string& path) {
  const auto size = static_cast<std::int64_t>(fs::file_size(path));
  if (card.weights_bytes >= 0 && size != card.weights_bytes)
    return "is " + std::to_string(size) + " bytes, and should be " + std::to_string(card.weights_bytes);
  if (card.weights_sha256.empty()) return "";
  const std::string hash = sha256_of_file(path);
  return hash == card.weights_sha256 ? "" : "has sha256 " + hash + ", and should have " + card.weights_sha256;
}

/// "28.5 million parameters, 7.1 GMACs, 112.0 MB", as far as it is known.
std::string cost_text(const ModelCard& card) {
  std::string text;
  if (card.architecture != kTorchScript) {
    const GraphCost total = cost(graph_of(card));
    char numbers[80];
    std::snprintf(numbers, sizeof numbers, "%.1f million parameters, %.1f GMACs",
                  static_cast<double>(total.parameters) / 1e6, static_cast<double>(total.conv_macs) / 1e9);
    text = numbers;
  }
  if (card.weights_bytes > 0) text += (text.empty() ? "" : ", ") + megabytes(card.weights_bytes);
  return text;
}

void print_card(const ModelCard& card, bool present) {
  std::printf("%-26s %-9s %-8s %s\n", card.name.c_str(), card.role == ModelRole::kPose ? "pose" : "detector",
              present ? "present" : "missing", card.description.c_str());
  const auto more = [](const char* what, const std::string& text) {
    if (!text.empty()) std::printf("%26s %s%s\n", "", what, text.c_str());
  };
  more("", cost_text(card));
  if (!present && !card.sources.empty()) more("get it from: ", card.sources.front());
  more("licence: ", card.license);
}

void report_progress(std::int64_t done, std::int64_t total) {
  static std::int64_t shown = -1;
  const std::int64_t percent = total > 0 ? done * 100 / total : done / 1000000;
  if (percent == shown || !isatty(STDERR_FILENO)) return;
  shown = percent;
  std::fprintf(stderr, total > 0 ? "\r\033[K%lld %% of %s" : "\r\033[K%lld MB",
               static_cast<long long>(percent), megabytes(total).c_str());
}

bool is_url(const std::string& source) { return source.find("://") != std::string::npos; }

void copy_file(const std::string& path, PartialFile& part) {
  const auto file = MappedFile::open(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file->data()), file->size());
  if (is_web_page(bytes)) throw Error::mismatch(path + " is a web page, not a weight file");
  part.begin({path, "", "", static_cast<std::int64_t>(bytes.size())});
  part.append(bytes);
}

/// Brings the bytes of `source` into `part`.
void fetch(const std::string& source, PartialFile& part, std::int64_t bytes) {
  if (!is_url(source)) return copy_file(source, part);
  download(source, part, bytes, &report_progress);
  if (isatty(STDERR_FILENO)) std::fputs("\r\033[K", stderr);
}

/// Fetches from one source, checks, and puts the file in place.
void get_from(const std::string& source, const ModelCard& card, PartialFile& part) {
  fetch(source, part, card.weights_bytes);
  const std::string fault = fault_of(card, part.path());
  if (!fault.empty()) {
    part.clear();
    throw Error::mismatch("what came from " + source + " " + fault + "; it was not kept");
  }
  part.finish();
  std::printf("%s: %s (sha256 %s%s)\n", card.name.c_str(), card.weights.c_str(),
              sha256_of_file(card.weights).c_str(),
              card.weights_sha256.empty() ? ", the card states none to compare with" : ", as the card says");
}

/// Whether the weights are there and whole, which is told.
bool is_there(const ModelCard& card) {
  std::error_code ignored;
  if (!fs::is_regular_file(card.weights, ignored) || !fault_of(card, card.weights).empty()) return false;
  std::printf("%s: %s is there already\n", card.name.c_str(), card.weights.c_str());
  return true;
}

int list_models(const ModelsArguments& arguments) {
  set_log_sink([](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning)
      std::fprintf(stderr, "pose: warning: %.*s\n", static_cast<int>(text.size()), text.data());
  });
  int exit_code = kExitOk;
  for (const ModelCard& card : list_model_cards(model_folders(arguments.models_dir))) {
    std::error_code error;
    const bool present = fs::is_regular_file(card.weights, error);
    if (!arguments.verify) {
      print_card(card, present);
    } else if (present) {
      const std::string fault = fault_of(card, card.weights);
      std::printf("%-26s %s\n", card.name.c_str(),
                  fault.empty() ? "ok" : (card.weights + " " + fault).c_str());
      if (!fault.empty()) exit_code = kExitFailed;
    }
  }
  return exit_code;
}

int get_model(const ModelsArguments& arguments) {
  const ModelCard card = load_model_card(arguments.name, model_folders(arguments.models_dir));
  if (is_there(card)) return kExitOk;
  make_folders(fs::path(card.weights).parent_path().string());
  PartialFile part(card.weights);
  if (is_there(card)) return kExitOk;  // another process was about to finish
  if (!arguments.from.empty()) {
    get_from(arguments.from, card, part);
    return kExitOk;
  }
  std::string faults;
  for (const std::string& source : card.sources) {
    if (!is_url(source)) continue;
    try {
      get_from(source, card, part);
      return kExitOk;
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::kIo && std::string(e.what()).find("cannot write") == 0) throw;
      faults += std::string("\n  ") + e.what();
    }
  }
  throw Error::not_found("none of the sources of '" + card.name + "' gave its weights" + faults + "\n" +
                         missing_weights_message(card) + "\nthen: pose models get " + card.name +
                         " --from FILE");
}

}  // namespace

std::vector<Command> models_commands() {
  const auto values = std::make_shared<ModelsArguments>();
  const Field<ModelsArguments> folders{"--models_dir", "DIR", "more folders with cards",
                                       &ModelsArguments::models_dir};
  return {
      make_command<ModelsArguments>(
          "models", "list the model cards; verify or get their weights",
          {{"--verify", "", "check sizes and sha256 of the weights that are there", &ModelsArguments::verify},
           folders},
          &list_models, values),
      make_command<ModelsArguments>(
          "models get", "fetch the weights of a card, going on where a broken download stopped",
          {{"NAME", "", "the card", &ModelsArguments::name, true},
           {"--from", "URL|FILE", "instead of the card's sources", &ModelsArguments::from},
           folders},
          &get_model, values)};
}

}  // namespace pose
