#include <cstdio>
#include <cstdlib>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/output.h"

namespace pose {
namespace {

/// Numbers and truth values stay as they are, everything else is a string.
std::string value_text(const std::string& value) {
  if (value == "true" || value == "false") return value;
  const bool numeric = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos &&
                       (value.size() == 1 || value[0] != '0') && value.size() < 16;
  if (numeric) return value;
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  const bool decimal = !value.empty() && value.find_first_not_of("-.0123456789e") == std::string::npos && *end == '\0';
  return decimal ? number_text(number) : json_string(value);
}

/// Milliseconds are enough, and keep the file readable.
std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

}  // namespace

struct RunReport::Impl {
  explicit Impl(const std::string& outdir) : file(outdir + "/run.json") {}

  AtomicFile file;
  bool first = true;
  std::size_t images = 0, failed = 0, people = 0;
};

RunReport::RunReport(const std::string& outdir, const std::string& version,
                     const std::vector<std::pair<std::string, std::string>>& options,
                     const std::vector<Model>& models)
    : impl_(new Impl(outdir)) {
  std::string text = "{\n\"version\": " + json_string(version) + ",\n\"options\": {";
  for (std::size_t i = 0; i < options.size(); ++i)
    text += (i ? ", " : "") + json_string(options[i].first) + ": " + value_text(options[i].second);
  text += "},\n\"models\": [";
  for (std::size_t i = 0; i < models.size(); ++i)
    text += (i ? ", {" : "{") + std::string("\"role\": ") + json_string(models[i].role) + ", \"name\": " +
            json_string(models[i].name) + ", \"weights\": " + json_string(models[i].weights) + ", \"sha256\": " +
            json_string(models[i].sha256) + "}";
  impl_->file.write(text + "],\n\"images\": [");
}

RunReport::~RunReport() = default;

void RunReport::add(const PhotoResult& photo) {
  std::string text = impl_->first ? "\n" : ",\n";
  impl_->first = false;
  ++impl_->images;
  impl_->people += photo.people.size();
  impl_->failed += !photo.ok();
  text += "{\"name\": " + json_string(photo.name) + ", \"status\": \"" + (photo.ok() ? "ok" : "failed") +
          "\", \"width\": " + std::to_string(photo.size.width) + ", \"height\": " + std::to_string(photo.size.height) +
          ", \"people\": " + std::to_string(photo.people.size()) + ", \"seconds\": " + seconds_text(photo.seconds);
  if (!photo.ok())
    text += ", \"error\": {\"kind\": " + json_string(to_string(photo.error->kind())) + ", \"message\": " +
            json_string(photo.error->what()) + "}";
  impl_->file.write(text + "}");
}

void RunReport::finish(bool interrupted, double seconds) {
  impl_->file.write("\n],\n\"totals\": {\"images\": " + std::to_string(impl_->images) + ", \"failed\": " +
                    std::to_string(impl_->failed) + ", \"people\": " + std::to_string(impl_->people) +
                    ", \"seconds\": " + seconds_text(seconds) + "},\n\"interrupted\": " +
                    (interrupted ? "true" : "false") + "\n}\n");
  impl_->file.commit();
}

}  // namespace pose
