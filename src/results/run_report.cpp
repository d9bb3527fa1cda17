#include "results/run_report.h"

#include <charconv>
#include <cmath>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"

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

std::string model_text(const ModelInfo& model) {
  return "{\"role\": " + json_string(model.role) + ", \"name\": " + json_string(model.name) +
         ", \"weights\": " + json_string(model.weights) + ", \"sha256\": " + json_string(model.sha256) + "}";
}

std::string photo_text(const PhotoRecord& photo) {
  std::string text = "{\"name\": " + json_string(photo.name) + ", \"status\": \"" +
                     (photo.ok() ? "ok" : "failed") + "\", \"width\": " + std::to_string(photo.size.width) +
                     ", \"height\": " + std::to_string(photo.size.height) +
                     ", \"people\": " + std::to_string(photo.people.size()) +
                     ", \"seconds\": " + seconds_text(photo.seconds);
  if (!photo.warning.empty()) text += ", \"warning\": " + json_string(photo.warning);
  if (!photo.ok())
    text += ", \"error\": {\"kind\": " + json_string(to_string(photo.error->kind())) +
            ", \"message\": " + json_string(photo.error->what()) + "}";
  return text + "}";
}

class RunReport final : public ResultWriter {
 public:
  RunReport(const std::string& path, const RunInfo& run, const RunEnd& end) : file_(path), end_(end) {
    file_.write("{\n\"version\": " + json_string(run.version) + ",\n\"options\": {");
    const char* separator = "\n  ";
    for (const Setting& setting : run.settings) {
      file_.write(separator + json_string(setting.name) + ": " + value_text(setting.value));
      separator = ",\n  ";
    }
    file_.write("\n},\n\"models\": [");
    separator = "\n  ";
    for (const ModelInfo& model : run.models) {
      file_.write(separator + model_text(model));
      separator = ",\n  ";
    }
    file_.write("\n],\n" + (run.note.empty() ? "" : "\"note\": " + json_string(run.note) + ",\n") +
                "\"images\": [");
  }

  void add(const PhotoRecord& photo) override {
    file_.write((images_ == 0 ? "\n  " : ",\n  ") + photo_text(photo));
    ++images_;
    people_ += photo.people.size();
    failed_ += !photo.ok();
  }

  void seal() override {
    file_.write("\n],\n\"totals\": {\"images\": " + std::to_string(images_) +
                ", \"failed\": " + std::to_string(failed_) + ", \"people\": " + std::to_string(people_) +
                ", \"seconds\": " + seconds_text(end_.seconds) +
                "},\n\"interrupted\": " + (end_.interrupted ? "true" : "false") + "\n}\n");
    file_.sync();
  }

  void publish() override { file_.take_name(); }

 private:
  AtomicFile file_;
  const RunEnd end_;
  std::size_t images_ = 0, failed_ = 0, people_ = 0;
};

}  // namespace

std::unique_ptr<ResultWriter> write_run_report(const std::string& path, const RunInfo& run,
                                               const RunEnd& end) {
  return std::make_unique<RunReport>(path, run, end);
}

}  // namespace pose
