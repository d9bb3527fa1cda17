#include "pipeline/stages.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "pose/image.h"

namespace pose {
namespace {

/// One person of one photo: a row of a pose batch.
struct Row {
  PhotoJob* job;
  std::size_t person;
};

std::vector<Row> rows_of(const std::vector<PhotoJob*>& jobs) {
  std::vector<Row> rows;
  for (PhotoJob* job : jobs)
    for (std::size_t i = 0; i < job->crops.size(); ++i) rows.push_back({job, i});
  return rows;
}

Blob cut_crops(const Row* rows, std::size_t count, const InputSpec& input) {
  Blob batch({static_cast<std::int64_t>(count), 3, input.height, input.width});
  std::optional<Cropper> cropper;
  const PhotoJob* current = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    PhotoJob& job = *rows[i].job;
    const StageTimer timer(job.seconds, Stage::kCrop);
    if (current != &job) cropper.emplace(job.image, input);
    current = &job;
    cropper->cut(job.crops[rows[i].person], batch[static_cast<std::int64_t>(i)].data());
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

Blob run_network(const Blob& batch, PoseModel& model) {
  Blob maps = model.network->forward(batch).at(0);
  if (maps.shape().size() != 4 || maps.dim(0) != batch.dim(0) || maps.dim(1) < model.joints)
    throw Error::mismatch("the pose network gives no heatmaps for " + std::to_string(model.joints) +
                          " joints; does the weight file belong to the model card?");
  if (model.flip == FlipTest::kOff) return maps;
  const Blob other = model.network->forward(mirrored(batch)).at(0);
  average_flip_test(maps, other, model.skeleton->mirror_pairs, model.flip == FlipTest::kShift);
  return maps;
}

/// Shares the time that a batch took among the photos in it.
void share_seconds(double seconds, const Row* rows, std::size_t count, Stage stage) {
  for (std::size_t i = 0; i < count; ++i)
    rows[i].job->seconds[static_cast<std::size_t>(stage)] += seconds / static_cast<double>(count);
}

/// A full batch, or the largest power of two that is left: engines keep compiled kernels for every batch size
/// that they have met, so that memory would grow with each new one.
std::size_t batch_size(std::size_t left, std::size_t most) {
  if (left >= most) return most;
  std::size_t size = 1;
  while (size * 2 <= left) size *= 2;
  return size;
}

}  // namespace

void read_photo(PhotoJob& job, const Detector& detector, std::int64_t max_pixels) {
  try {
    {
      const StageTimer timer(job.seconds, Stage::kRead);
      job.image = read_image(job.result.path, max_pixels);
    }
    job.result.size = {job.image.cols, job.image.rows};
    const StageTimer timer(job.seconds, Stage::kDetect);
    job.detector_input = detector.prepare(job.image, job.result.name);
  } catch (const Error& e) {
    job.result.error = e;
  } catch (const std::bad_alloc&) {
    job.result.error = Error::unsupported("not enough memory for this picture; lower --max_pixels");
  } catch (const std::exception& e) {
    job.result.error = Error::internal(e.what());
  }
  if (!job.result.ok()) job.image.release();
}

void detect_people(std::vector<PhotoJob*> batch, Models& models, bool keep_trace) {
  batch.erase(std::remove_if(batch.begin(), batch.end(), [](const PhotoJob* j) { return !j->result.ok(); }),
              batch.end());
  if (batch.empty()) return;
  std::vector<DetectorInput> inputs;
  for (PhotoJob* job : batch) inputs.push_back(std::move(job->detector_input));
  std::vector<DetectorTrace> traces;
  StageSeconds seconds{};
  std::vector<std::vector<Detection>> found;
  {
    const StageTimer timer(seconds, Stage::kDetect);
    found = models.detector->detect(inputs, keep_trace ? &traces : nullptr);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    PhotoJob& job = *batch[i];
    job.seconds[static_cast<std::size_t>(Stage::kDetect)] +=
        seconds[static_cast<std::size_t>(Stage::kDetect)] / static_cast<double>(batch.size());
    job.detections = std::move(found[i]);
    if (keep_trace) job.trace = std::move(traces[i]);
    for (const Detection& d : job.detections)
      job.crops.push_back(models.pose.crop->plan(d.box, job.result.size, models.pose.input));
    job.heatmaps.resize(job.crops.size());
  }
}

void compute_heatmaps(const std::vector<PhotoJob*>& jobs, PoseModel& model, int posebatch) {
  const std::vector<Row> rows = rows_of(jobs);
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
      rows[begin + i].job->heatmaps[rows[begin + i].person] = maps[static_cast<std::int64_t>(i)];
  }
}

std::vector<Person> solve_poses(PhotoJob& job, const PoseModel& model) {
  const StageTimer timer(job.seconds, Stage::kPost);
  std::vector<Person> decoded;
  for (std::size_t i = 0; i < job.detections.size(); ++i) {
    Person person;
    person.joints = decode(job.heatmaps[i], model.joints, job.crops[i], *model.decoder);
    person.detection = job.detections[i];
    person.score = job.detections[i].score;
    person.area = job.crops[i].area;
    person.index = static_cast<int>(i);
    person.merged = {person.index};
    decoded.push_back(std::move(person));
  }
  job.result.people = model.matching ? match_people(job.heatmaps, job.crops, job.detections)
                                     : model.suppressor->apply(decoded, *model.skeleton, model.suppress);
  return decoded;
}

}  // namespace pose
