#include "pose/model_card.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <set>

#include "base/json_reader.h"
#include "base/library_folder.h"
#include "base/lookup.h"
#include "base/read_file.h"
#include "pose/error.h"
#include "pose/log.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestCard = 1 << 20;
constexpr double kGreatestCost = 1e6;

/// A file that the card names, absolute. Nothing in a card may point out of the folder that it lies in.
std::string file_beside(ObjectReader& reader, const std::string& key, const std::string& card) {
  const std::string text = reader.text(key);
  const fs::path file = text;
  const bool leaves = file.is_absolute() || std::find(file.begin(), file.end(), "..") != file.end();
  if (leaves || !file.has_filename() || file.filename() == ".")
    reader.fail(key, "must name a file in the folder of the card or below, not '" + text + "'");
  return (fs::absolute(card).parent_path() / file).lexically_normal().string();
}

/// A member whose range `check_card` knows.
int whole_number(ObjectReader& reader, const std::string& key) {
  return static_cast<int>(
      reader.integer(key, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

std::array<double, 3> three(ObjectReader& reader, const std::string& key, double fallback) {
  const std::vector<double> v = reader.numbers_or(key, {fallback, fallback, fallback});
  return {v[0], v[1], v[2]};
}

InputSpec read_input(ObjectReader reader) {
  InputSpec input;
  input.width = whole_number(reader, "width");
  input.height = whole_number(reader, "height");
  const std::string order = reader.text_or("order", "rgb");
  if (order != "rgb" && order != "bgr") reader.fail("order", "must be rgb or bgr");
  input.rgb = order == "rgb";
  input.scale = reader.number_or("scale", input.scale, std::numeric_limits<double>::lowest(),
                                 std::numeric_limits<double>::max());
  input.mean = three(reader, "mean", 0);
  input.std = three(reader, "std", 1);
  reader.finish();
  return input;
}

void read_pose_fields(ObjectReader& reader, ModelCard& card) {
  card.input = read_input(reader.object("input"));
  ObjectReader output = reader.object("output");
  card.output_channels = whole_number(output, "channels");
  card.output_used = output.has("used") ? whole_number(output, "used") : card.output_channels;
  card.heatmap_width = whole_number(output, "width");
  card.heatmap_height = whole_number(output, "height");
  output.finish();
  card.skeleton = reader.text("skeleton");
  card.crop = reader.text("crop");
  card.decoder = reader.text("decoder");
  card.pose_nms = reader.text("pose_nms");
  card.flip = reader.text_or("flip", card.flip);
  ObjectReader params = reader.object("params");
  for (const std::string& name : params.keys()) card.params[name] = params.integers(name);
}

void read_detector_fields(ObjectReader& reader, ModelCard& card) {
  card.config = file_beside(reader, "config", card.path);
  if (reader.has("names")) card.names = file_beside(reader, "names", card.path);
  card.det_rules = reader.text("det_rules");
  card.person_class = static_cast<int>(reader.integer_or("person_class", -1, 0, 100000));
  card.conf = reader.number_or("conf", -1, 0, 1);
  card.nms = reader.number_or("nms", -1, 0, 1);
}

WeightSource read_source(ObjectReader reader) {
  WeightSource source;
  source.place = reader.text("url");
  source.bytes = reader.integer_or("bytes", -1, 0, std::numeric_limits<std::int64_t>::max());
  source.sha256 = reader.text_or("sha256", "");
  source.license = reader.text_or("license", "");
  source.note = reader.text_or("note", "");
  reader.finish();
  return source;
}

void read_weights(ObjectReader reader, ModelCard& card) {
  card.weights = file_beside(reader, "file", card.path);
  card.weights_bytes = reader.integer_or("bytes", -1, 0, std::numeric_limits<std::int64_t>::max());
  card.weights_sha256 = reader.text_or("sha256", "");
  card.license = reader.text_or("license", "");
  for (auto& source : reader.texts_and_objects("sources")) {
    if (const auto* text = std::get_if<std::string>(&source))
      card.sources.push_back({*text, -1, "", "", ""});
    else
      card.sources.push_back(read_source(std::get<ObjectReader>(source)));
    WeightSource& added = card.sources.back();
    if (added.bytes < 0 && added.sha256.empty()) {
      added.bytes = card.weights_bytes;
      added.sha256 = card.weights_sha256;
    }
    if (added.license.empty()) added.license = card.license;
  }
  reader.finish();
}

void read_figures(ObjectReader& reader, ModelCard& card) {
  if (reader.has("accuracy")) {
    ObjectReader accuracy = reader.object("accuracy");
    card.accuracy.metric = accuracy.text("metric");
    card.accuracy.value = accuracy.number("value");
    card.accuracy.on = accuracy.text_or("on", "");
    accuracy.finish();
  }
  ObjectReader cost = reader.object("cost");
  card.cost.million_parameters = cost.number_or("million_parameters", 0, 0, kGreatestCost);
  card.cost.gmacs = cost.number_or("gmacs", 0, 0, kGreatestCost);
  card.cost.milliseconds = cost.number_or("ms", 0, 0, kGreatestCost);
  cost.finish();
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || fs::path(name).extension() == ".json";
}

std::vector<std::string> cards_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Whether files can be made in `folder` or, where it is missing, in the one that it would be made in.
bool can_write(fs::path folder) {
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return ::access(folder.c_str(), W_OK) == 0;
}

/// Where the weights are, or where they belong.
std::string place_of_weights(const ModelCard& card) {
  const std::string user = user_models_folder();
  std::error_code error;
  if (user.empty() || fs::exists(card.weights, error)) return card.weights;
  const fs::path folder = fs::absolute(card.path).parent_path().lexically_normal();
  const std::string own =
      (user / fs::path(card.weights).lexically_relative(folder)).lexically_normal().string();
  return fs::exists(own, error) || !can_write(fs::path(card.weights).parent_path()) ? own : card.weights;
}

ModelCard read_card(const std::string& path) {
  ModelCard card = parse_model_card(text_of(read_file(path, kLargestCard)), path);
  card.weights = place_of_weights(card);
  return card;
}

std::string size_text(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

}  // namespace

ModelCard parse_model_card(std::string_view text, const std::string& path) {
  const nlohmann::json json = parse_strictly(text, path);
  ObjectReader reader(json, path, "");
  ModelCard card;
  card.path = path;
  reader.integer("card", 1, 1);
  card.name = reader.text("name");
  const bool good_name =
      !card.name.empty() &&
      card.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
  if (!good_name) reader.fail("name", "must be made of a-z, 0-9, '.' and '-'");
  const std::string role = reader.text("role");
  if (role != "detector" && role != "pose") reader.fail("role", "must be detector or pose");
  card.role = role == "pose" ? ModelRole::kPose : ModelRole::kDetector;
  card.architecture = reader.text("architecture");
  card.variant = reader.text_or("variant", "");
  if (card.role == ModelRole::kPose)
    read_pose_fields(reader, card);
  else
    read_detector_fields(reader, card);
  read_weights(reader.object("weights"), card);
  read_figures(reader, card);
  card.description = reader.text_or("description", "");
  card.provenance = reader.text_or("provenance", "");
  reader.finish();
  check_card(card);
  return card;
}

std::string user_models_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data && data[0] == '/')
    return std::string(data) + "/pose/models";  // the standard ignores relative ones
  const char* home = std::getenv("HOME");
  return home && home[0] == '/' ? std::string(home) + "/.local/share/pose/models" : "";
}

std::vector<std::string> model_folders(const std::vector<std::string>& extra) {
  std::vector<std::string> folders = extra;
  if (const char* variable = std::getenv("POSE_MODELS")) {
    const std::string text = variable;
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find(':', start), text.size());
      if (end > start) folders.push_back(text.substr(start, end - start));
      start = end + 1;
    }
  }
  if (const std::string user = user_models_folder(); !user.empty()) folders.push_back(user);
  const fs::path library = library_folder();
  if (!library.empty()) folders.push_back((library / POSE_MODELS_FROM_LIBRARY).lexically_normal().string());
  folders.push_back(POSE_SOURCE_MODELS);
  std::vector<std::string> existing;
  std::error_code error;
  for (const std::string& folder : folders) {
    const bool known = std::find(existing.begin(), existing.end(), folder) != existing.end();
    if (!known && fs::is_directory(folder, error)) existing.push_back(folder);
  }
  return existing;
}

namespace {

/// "; did you mean one of 'a', 'b'?": the cards whose names hold `name`, or the nearest one.
std::string meant_cards(std::string name, const std::vector<std::string_view>& known) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '_' ? '-' : std::tolower(c); });
  std::set<std::string_view> holding;
  for (const std::string_view card : known)
    if (!name.empty() && card.find(name) != std::string_view::npos) holding.insert(card);
  if (holding.empty()) {
    const std::string nearest = nearest_name(name, known);
    return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
  }
  std::string text;
  for (const std::string_view card : holding) text += (text.empty() ? "" : ", ") + std::string(card);
  return "; did you mean " + (holding.size() == 1 ? "'" + text + "'" : "one of " + text) + "?";
}

}  // namespace

ModelCard load_model_card(const std::string& name_or_path, const std::vector<std::string>& folders) {
  if (is_path(name_or_path)) return read_card(name_or_path);
  std::vector<std::string> names;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + name_or_path + ".json";
    std::error_code error;
    if (fs::exists(path, error)) return read_card(path);
    for (const std::string& card : cards_in(folder)) names.push_back(fs::path(card).stem().string());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw Error::usage("no model card is named '" + name_or_path + "'" + meant_cards(name_or_path, known) +
                     " ('pose models' lists them)");
}

std::vector<ModelCard> list_model_cards(const std::vector<std::string>& folders) {
  std::vector<ModelCard> cards;
  for (const std::string& folder : folders) {
    for (const std::string& path : cards_in(folder)) {
      try {
        ModelCard card = read_card(path);
        const bool shadowed =
            std::any_of(cards.begin(), cards.end(), [&](const ModelCard& c) { return c.name == card.name; });
        if (!shadowed) cards.push_back(std::move(card));
      } catch (const Error& e) {
        log_warning(e.what());
      }
    }
  }
  std::sort(cards.begin(), cards.end(), [](const ModelCard& a, const ModelCard& b) {
    return std::make_pair(a.role, a.name) < std::make_pair(b.role, b.name);
  });
  return cards;
}

std::string missing_weights_message(const ModelCard& card) {
  std::error_code error;
  if (fs::is_regular_file(card.weights, error)) return "";
  std::string message =
      "the weights of '" + card.name + "' are missing: " + fs::path(card.weights).filename().string();
  if (card.weights_bytes > 0) message += " (" + size_text(card.weights_bytes) + ")";
  for (const WeightSource& source : card.sources) message += "\n  get it from: " + source.place;
  message += "\n  put it at:   " + card.weights;
  const bool url =
      std::any_of(card.sources.begin(), card.sources.end(), [](const WeightSource& s) { return s.is_url(); });
  if (url) message += "\n  or run:      pose models get " + card.name;
  return message;
}

}  // namespace pose
