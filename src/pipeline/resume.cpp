#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "pipeline/output_names.h"
#include "pose/pipeline.h"

namespace pose {
namespace {

/// Whether doing a photo again may end otherwise though its file and the options are the same.
bool may_pass(ErrorKind kind) {
  return kind != ErrorKind::kFormat && kind != ErrorKind::kUnsupported && kind != ErrorKind::kMismatch;
}

/// Pictures are not waited for until they are on the disk, as records are: a power cut may take one.
bool has_picture(const PhotoRecord& record, const OutputOptions& options) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(options.outdir + "/vis/" + vis_name(record.name), error);
  return !error && bytes > 0;
}

bool is_done(const PhotoRecord& record, const SourcePhoto& photo, const OutputOptions& options) {
  if (record.error && may_pass(record.error->kind())) return false;
  if (record.path != photo.path || !record.file.is_known() || !(record.file == photo.stamp(photo)))
    return false;
  return !record.ok() || !options.save_img || has_picture(record, options);
}

}  // namespace

void resume_run(const std::vector<SourcePhoto>& photos, const RunOptions& options, Journal& journal) {
  const std::vector<OutputFaults> faults = output_faults(photos, options.output);
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < photos.size(); ++i) places.emplace(photos[i].name, i);
  journal.resume([&](const PhotoRecord& record) -> std::optional<std::size_t> {
    const auto found = places.find(record.name);
    if (found == places.end()) return std::nullopt;
    const std::size_t place = found->second;
    if (faults[place].results || faults[place].picture) return std::nullopt;
    return is_done(record, photos[place], options.output) ? std::optional(place) : std::nullopt;
  });
}

}  // namespace pose
