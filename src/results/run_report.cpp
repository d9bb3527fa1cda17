#include <charconv>
#include <cmath>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/results.h"

namespace pose {
namespace {

/// True if all of `text` was read as a number of type `Number`.
template <typename Number>
bool reads_as(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

/// Numbers and truth values stay bare, everything else is a string; so is what would not come back as it was
/// given ("007", which may be a folder).
std::string value_text(const std::string& value) {
  if (value == "true" || value == "false") return value;
  long long whole = 0;
  if (reads_as(value, whole) && std::to_string(whole) == value) return value;
  double number = 0;
  const bool decimal = value.find_first_of(".e") != std::string::npos && reads_as(value, number);
  return decimal && std::isfinite(number) ? number_text(number) : json_string(value);
}

/// Milliseconds are enough, and keep the file readable.
std::string seconds_text(double seconds) { return number_text(std::round(seconds * 1000) / 1000); }

std::string model_text(const RunReport::Model& model) {
  return "{\"role\": " + json_string(model.role) + ", \"name\": " + json_string(model.name) +
         ", \"weights\": " + json_string(model.weights) + ", \"sha256\": " + json_string(model.sha256) + "}";
}

std::string photo_text(const PhotoRecord& photo) {
  std::string text = "{\"name\": " + json_string(photo.name) + ", \"status\": \"" +
                     (photo.ok() ? "ok" : "failed") + "\", \"width\": " + std::to_string(photo.size.width) +
                     ", \"height\": " + std::to_string(photo.size.height) +
                     ", \"people\": " + std::to_string(photo.people.size()) +
                     ", \"seconds\": " + seconds_text(photo.seconds);
  if (!photo.ok())
    text += ", \"error\": {\"kind\": " + json_string(to_string(photo.error->kind())) +
            ", \"message\": " + json_string(photo.error->what()) + "}";
  return text + "}";
}

}  // namespace

struct RunReport::Impl {
  explicit Impl(const std::string& outdir) : file(outdir + "/run.json") {}

  AtomicFile file;
  std::size_t images = 0, failed = 0, people = 0;
};

RunReport::RunReport(const std::string& outdir, const std::string& version,
                     const std::vector<std::pair<std::string, std::string>>& options,
                     const std::vector<Model>& models)
    : impl_(new Impl(outdir)) {
  std::string text = "{\n\"version\": " + json_string(version) + ",\n\"options\": {";
  const char* separator = "\n  ";
  for (const auto& [name, value] : options) {
    text += separator + json_string(name) + ": " + value_text(value);
    separator = ",\n  ";
  }
  text += "\n},\n\"models\": [";
  separator = "\n  ";
  for (const Model& model : models) {
    text += separator + model_text(model);
    separator = ",\n  ";
  }
  impl_->file.write(text + "\n],\n\"images\": [");
}

RunReport::~RunReport() = default;

void RunReport::add(const PhotoRecord& photo) {
  impl_->file.write((impl_->images == 0 ? "\n  " : ",\n  ") + photo_text(photo));
  ++impl_->images;
  impl_->people += photo.people.size();
  impl_->failed += !photo.ok();
}

void RunReport::finish(bool interrupted, double seconds) {
  impl_->file.write("\n],\n\"totals\": {\"images\": " + std::to_string(impl_->images) + ", \"failed\": " +
                    std::to_string(impl_->failed) + ", \"people\": " + std::to_string(impl_->people) +
                    ", \"seconds\": " + seconds_text(seconds) +
                    "},\n\"interrupted\": " + (interrupted ? "true" : "false") + "\n}\n");
  impl_->file.commit();
}

}  // namespace pose
