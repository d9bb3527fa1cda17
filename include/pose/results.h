#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pose/box.h"
#include "pose/error.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// What became of one photo.
struct PhotoRecord {
  std::string path;            ///< where it was read from
  std::string name;            ///< as written in results: relative, '/'-separated, unique in the run
  Size size;                   ///< upright; 0x0 if it could not be read
  std::vector<Person> people;  ///< ranked
  double seconds = 0;          ///< work spent on this photo in all stages
  std::optional<Error> error;  ///< why it failed, if it did

  bool ok() const { return !error.has_value(); }
};

/// Writes the people of a run as JSON while the run goes on: memory stays flat, and the file appears
/// atomically in `finish`. Photos must be added in their final order.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  /// Photos that failed or have nobody on them leave no trace here (see `RunReport`).
  virtual void add(const PhotoRecord& photo) = 0;
  /// Closes and renames into place. Without it nothing but the temporary file's removal happens.
  virtual void finish() = 0;
};

/// One row of the table of output formats: "coco", "cmu", "open".
struct OutputFormat {
  std::string_view name;
  std::string_view help;
  /// Makes a writer of `outdir/alphapose-results.json` (and `outdir/sep-json/`).
  /// Throws `kIo` if the folder cannot be written, `kUsage` if the skeleton does not fit the format.
  std::unique_ptr<ResultWriter> (*make)(const std::string& outdir, const Skeleton& skeleton);
};

/// Throws `kUsage` with the nearest name.
const OutputFormat& output_format(std::string_view name);

/// The account of a run in `outdir/run.json`: options, models, and per photo status, people, seconds, error.
class RunReport {
 public:
  struct Model {
    std::string role, name, weights, sha256;
  };
  /// `options`: name -> value as text, in the order to be written; numbers and booleans stay bare.
  RunReport(const std::string& outdir, const std::string& version,
            const std::vector<std::pair<std::string, std::string>>& options,
            const std::vector<Model>& models);
  ~RunReport();
  void add(const PhotoRecord& photo);
  /// `interrupted`: the run was stopped before all photos were done.
  void finish(bool interrupted, double seconds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Detector boxes as a COCO-style list (`--save_boxes`): `image_id` (the photo's name), `category_id` 1,
/// `bbox` [x, y, w, h], `score`. Streams; atomic like `ResultWriter`.
class BoxesWriter {
 public:
  explicit BoxesWriter(const std::string& path);
  ~BoxesWriter();
  void add(const std::string& name, const std::vector<Detection>& detections);
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pose
