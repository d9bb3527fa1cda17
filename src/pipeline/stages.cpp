#include "pipeline/stages.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/finite.h"
#include "pipeline/stage_timer.h"
#include "pose/image.h"

namespace pose {
namespace {

/// One person of one photo: a row of a pose batch.
struct Row {
  HeatmapPhoto* photo;
  std::size_t person;
};

std::vector<Row> rows_of(std::vector<HeatmapPhoto>& photos) {
  std::vector<Row> rows;
  for (HeatmapPhoto& photo : photos)
    for (std::size_t i = 0; i < photo.crops.size(); ++i) rows.push_back({&photo, i});
  return rows;
}

Blob cut_crops(const Row* rows, std::size_t count, const InputSpec& input) {
  Blob batch({static_cast<std::int64_t>(count), 3, input.height, input.width});
  std::optional<Cropper> cropper;
  const HeatmapPhoto* current = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    HeatmapPhoto& photo = *rows[i].photo;
    const StageTimer timer(photo.seconds, Stage::kCrop);
    if (current != &photo) cropper.emplace(photo.image, input);
    current = &photo;
    cropper->cut(photo.crops[rows[i].person], batch[static_cast<std::int64_t>(i)].data());
  }
  return batch;
}

/// The same crops, left and right exchanged.
Blob mirrored(const Blob& batch) {
  Blob result(batch.shape());
  const std::int64_t width = batch.shape().back();
  for (std::int64_t start = 0; start < batch.elements(); start += width)
    std::reverse_copy(batch.data() + start, batch.data() + start + width, result.data() + start);
  return result;
}

void check_maps(const Blob& maps, const Blob& batch, int joints) {
  if (maps.shape().size() != 4 || maps.dim(0) != batch.dim(0) || maps.dim(1) < joints)
    throw Error::mismatch("the pose network gives no heatmaps for " + std::to_string(joints) +
                          " joints; does the weight file belong to the model card?");
  if (!all_finite(maps.data(), maps.elements()))
    throw Error::mismatch(
        "the pose network gives heatmaps with values that are no numbers; does the weight file belong to the "
        "model card?");
}

Blob run_network(const Blob& batch, PoseModel& model) {
  try {
    Blob maps = model.network->forward(batch).at(0);
    check_maps(maps, batch, model.joints);
    if (model.flip == FlipTest::kOff) return maps;
    const Blob other = model.network->forward(mirrored(batch)).at(0);
    check_maps(other, batch, model.joints);
    average_flip_test(maps, other, model.skeleton->mirror_pairs, model.flip == FlipTest::kShift);
    return maps;
  } catch (...) {
    throw NetworkError(current_error());
  }
}

/// Shares the time that a batch took among the photos in it.
void share_seconds(double seconds, const Row* rows, std::size_t count, Stage stage) {
  for (std::size_t i = 0; i < count; ++i)
    rows[i].photo->seconds[static_cast<std::size_t>(stage)] += seconds / static_cast<double>(count);
}

/// A full batch, or the largest power of two that is left: engines keep compiled kernels for every batch size
/// that they have met, so that memory would grow with each new one.
std::size_t batch_size(std::size_t left, std::size_t most) {
  if (left >= most) return most;
  std::size_t size = 1;
  while (size * 2 <= left) size *= 2;
  return size;
}

/// The detector's answer for a batch, and the time that it took.
std::vector<std::vector<Detection>> run_detector(const std::vector<DetectorInput>& inputs, Detector& detector,
                                                 std::vector<DetectorTrace>* traces, double& seconds) {
  StageSeconds spent{};
  std::vector<std::vector<Detection>> found;
  try {
    const StageTimer timer(spent, Stage::kDetect);
    found = detector.detect(inputs, traces);
    if (found.size() != inputs.size() || (traces && traces->size() != inputs.size()))
      throw Error::internal("the detector answers for " + std::to_string(found.size()) + " of " +
                            std::to_string(inputs.size()) + " photos");
  } catch (...) {
    throw NetworkError(current_error());
  }
  seconds = spent[static_cast<std::size_t>(Stage::kDetect)];
  return found;
}

}  // namespace

Photo load_photo(const SourcePhoto& from, const Detector& detector, std::int64_t max_pixels) {
  StageSeconds seconds{};
  FileBytes file;
  DecodedImage image;
  {
    const StageTimer timer(seconds, Stage::kRead);
    file = read_photo_bytes(from);
    image = decode_image(file.bytes, max_pixels);
  }
  Photo photo = photo_of(image.bgr, detector, from.name);
  photo.file = file.stamp;
  photo.warning = std::move(image.warning);
  photo.seconds[static_cast<std::size_t>(Stage::kRead)] = seconds[static_cast<std::size_t>(Stage::kRead)];
  return photo;
}

Photo photo_of(const cv::Mat& bgr, const Detector& detector, const std::string& name) {
  Photo photo;
  photo.image = bgr;
  const StageTimer timer(photo.seconds, Stage::kDetect);
  photo.detector_input = detector.prepare(bgr, name);
  return photo;
}

std::vector<DetectedPhoto> detect_people(const std::vector<Photo>& batch, Detector& detector,
                                         bool keep_trace) {
  if (batch.empty()) return {};
  std::vector<DetectorInput> inputs;
  for (const Photo& photo : batch) inputs.push_back(photo.detector_input);
  std::vector<DetectorTrace> traces;
  double seconds = 0;
  std::vector<std::vector<Detection>> found =
      run_detector(inputs, detector, keep_trace ? &traces : nullptr, seconds);
  std::vector<DetectedPhoto> detected;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    detected.push_back({batch[i], std::move(found[i]), keep_trace ? std::move(traces[i]) : DetectorTrace{}});
    detected.back().detector_input = {};  // nobody needs its pixels any more
    detected.back().seconds[static_cast<std::size_t>(Stage::kDetect)] +=
        seconds / static_cast<double>(batch.size());
  }
  return detected;
}

CroppedPhoto plan_crops(const DetectedPhoto& photo, const PoseModel& model) {
  CroppedPhoto cropped{photo, {}};
  if (!model.network) return cropped;
  const Size size{photo.image.cols, photo.image.rows};
  for (const Detection& d : photo.boxes)
    cropped.crops.push_back(model.crop->plan(d.box, size, model.input, d.given));
  return cropped;
}

std::vector<HeatmapPhoto> compute_heatmaps(const std::vector<CroppedPhoto>& photos, PoseModel& model,
                                           int posebatch) {
  std::vector<HeatmapPhoto> done;
  for (const CroppedPhoto& photo : photos) done.push_back({photo, std::vector<Blob>(photo.crops.size())});
  const std::vector<Row> rows = rows_of(done);
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += count) {
    count = batch_size(rows.size() - begin, static_cast<std::size_t>(posebatch));
    const Blob batch = cut_crops(&rows[begin], count, model.input);
    StageSeconds seconds{};
    Blob maps;
    {
      const StageTimer timer(seconds, Stage::kPose);
      maps = run_network(batch, model);
    }
    share_seconds(seconds[static_cast<std::size_t>(Stage::kPose)], &rows[begin], count, Stage::kPose);
    for (std::size_t i = 0; i < count; ++i)
      rows[begin + i].photo->heatmaps[rows[begin + i].person] = maps[static_cast<std::int64_t>(i)];
  }
  return done;
}

SolvedPhoto solve_poses(const HeatmapPhoto& photo, const PoseModel& model) {
  SolvedPhoto solved{photo, {}, {}};
  const StageTimer timer(solved.seconds, Stage::kPost);
  if (photo.crops.empty()) return solved;
  for (std::size_t i = 0; i < photo.boxes.size(); ++i) {
    Person person;
    person.joints = decode(photo.heatmaps[i], model.joints, photo.crops[i], *model.decoder);
    person.detection = photo.boxes[i];
    person.score = photo.boxes[i].score;
    person.area = photo.crops[i].area;
    person.center_scale = center_scale_of(photo.crops[i]);
    person.index = static_cast<int>(i);
    person.merged = {person.index};
    solved.decoded.push_back(std::move(person));
  }
  solved.people = model.matching ? match_people(photo.heatmaps, photo.crops, photo.boxes)
                                 : model.suppressor->apply(solved.decoded, *model.skeleton, model.suppress);
  return solved;
}

}  // namespace pose
