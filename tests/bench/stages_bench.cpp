// What a photo costs beside the networks, per stage: a photo of 1280x960 with eight people.

#include <benchmark/benchmark.h>

#include <opencv2/core/mat.hpp>

#include "pose/crop.h"
#include "pose/decode.h"
#include "pose/image.h"
#include "pose/output.h"
#include "pose/suppress.h"
#include "support/files.h"
#include "support/seeded.h"

namespace pose {
namespace {

constexpr int kPeople = 8, kJoints = 17;
constexpr Size kPhoto{1280, 960};

/// Smooth enough for a JPEG of usual size.
cv::Mat photo() {
  cv::Mat picture(kPhoto.height, kPhoto.width, CV_8UC3);
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      picture.at<cv::Vec3b>(y, x) = {static_cast<unsigned char>(x / 5), static_cast<unsigned char>(y / 4),
                                     static_cast<unsigned char>((x * 7 + y * 3) / 40)};
  return picture;
}

InputSpec input_192x256() {
  InputSpec input;
  input.width = 192;
  input.height = 256;
  return input;
}

Box box_of(int person) {
  const auto left = static_cast<float>(20 + 150 * person);
  return {left, 100, left + 180, 700};
}

std::vector<Person> people() {
  std::vector<Person> people;
  const std::vector<double> noise = test::seeded_uniform("people", kPeople * kJoints * 3);
  for (int p = 0; p < kPeople; ++p) {
    Person person;
    person.detection.box = box_of(p);
    person.index = p;
    person.area = 180 * 600;
    for (int j = 0; j < kJoints; ++j) {
      const double* u = &noise[static_cast<std::size_t>(3 * (kJoints * p + j))];
      person.joints.push_back({static_cast<float>(20 + 150 * p + 180 * u[0]),
                               static_cast<float>(100 + 600 * u[1]), static_cast<float>(0.4 + 0.6 * u[2])});
    }
    person.score = 0.8;
    people.push_back(person);
  }
  return people;
}

void read_jpeg(benchmark::State& state) {
  const test::TempFolder folder;
  write_image(folder / "photo.jpg", photo());
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(read_image(folder / "photo.jpg"));
}

void write_jpeg(benchmark::State& state) {
  const test::TempFolder folder;
  const cv::Mat picture = photo();
  for ([[maybe_unused]] auto _ : state) write_image(folder / "photo.jpg", picture);
}

void crop_people(benchmark::State& state, const char* method) {
  const InputSpec input = input_192x256();
  const cv::Mat picture = photo();
  Blob out({kPeople, 3, input.height, input.width});
  for ([[maybe_unused]] auto _ : state) {
    Cropper cropper(picture, input);
    for (int p = 0; p < kPeople; ++p)
      cropper.cut(crop_method(method).plan(box_of(p), kPhoto, input),
                  out.data() + p * 3 * input.height * input.width);
  }
}

void decode_people(benchmark::State& state, const char* name) {
  const InputSpec input = input_192x256();
  const Blob maps = test::seeded_blob("maps", {kJoints, 64, 48});
  const Crop crop = crop_method("affine").plan(box_of(0), kPhoto, input);
  for ([[maybe_unused]] auto _ : state)
    for (int p = 0; p < kPeople; ++p) benchmark::DoNotOptimize(decode(maps, kJoints, crop, decoder(name)));
}

void pose_nms(benchmark::State& state, const char* name) {
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(suppressor(name).apply(people(), skeleton("coco17"), SuppressOptions{}));
}

void draw(benchmark::State& state, const char* style) {
  PhotoRecord result;
  result.people = people();
  const cv::Mat picture = photo();
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(drawing_style(style).draw(picture, result.people, skeleton("coco17")));
}

BENCHMARK(read_jpeg)->Unit(benchmark::kMillisecond);
BENCHMARK(write_jpeg)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(crop_people, affine, "affine")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_people, quarter_shift, "quarter-shift")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_people, dark, "dark")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pose_nms, parametric, "parametric")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pose_nms, oks, "oks")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(draw, pose, "pose")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pose
