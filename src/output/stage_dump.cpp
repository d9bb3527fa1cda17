#include "output/stage_dump.h"

#include "base/atomic_file.h"
#include "base/number_text.h"

namespace pose {
namespace {

template <typename Numbers>
std::string list_text(const Numbers& numbers) {
  std::string text = "[";
  for (const auto& n : numbers) text += (text.size() > 1 ? ", " : "") + number_text(static_cast<double>(n));
  return text + "]";
}

template <typename Item, typename Text>
std::string lines_text(const std::vector<Item>& items, Text text_of) {
  std::string text = "[";
  for (const Item& item : items) text += (text.size() > 1 ? ",\n" : "\n") + text_of(item);
  return text + "\n]\n";
}

std::string box_text(const Box& b) { return list_text(std::vector<float>{b.x1, b.y1, b.x2, b.y2}); }

std::string detection_text(const Detection& d) {
  return "{\"box\": " + box_text(d.box) + ", \"score\": " + number_text(d.score) +
         ", \"class_score\": " + number_text(d.class_score) +
         ", \"class_id\": " + std::to_string(d.class_id) + "}";
}

std::string crop_text(const Crop& c) {
  const std::string kind =
      c.kind == Crop::Kind::kAlphaPose
          ? "\"kind\": \"alphapose\", \"grown\": " + box_text(c.grown)
          : "\"kind\": \"affine\", \"center\": " + list_text(std::vector<float>{c.center.x, c.center.y}) +
                ", \"scale\": " + list_text(std::vector<float>{c.scale.x, c.scale.y});
  return "{" + kind + ", \"to_input\": " + list_text(c.to_input) + ", \"input\": [" +
         std::to_string(c.input.width) + ", " + std::to_string(c.input.height) +
         "], \"area\": " + number_text(c.area) + "}";
}

std::string person_text(const Person& p) {
  std::vector<float> joints;
  for (const Joint& j : p.joints) joints.insert(joints.end(), {j.x, j.y, j.score});
  std::string merged = "[";
  for (const int i : p.merged) merged += (merged.size() > 1 ? ", " : "") + std::to_string(i);
  return "{\"index\": " + std::to_string(p.index) + ", \"merged\": " + merged +
         "], \"box\": " + box_text(p.detection.box) + ", \"score\": " + number_text(p.score) +
         ", \"keypoints\": " + list_text(joints) + "}";
}

}  // namespace

void write_npy(const std::string& path, const std::vector<std::int64_t>& shape,
               const std::vector<Blob>& parts) {
  std::string dims;
  for (const std::int64_t d : shape) dims += std::to_string(d) + ", ";
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dims + "), }";
  constexpr std::size_t kPreamble = 10, kAlignment = 64;
  header.append(kAlignment - (kPreamble + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  AtomicFile file(path);
  file.write(std::string("\x93NUMPY\x01\x00", 8));
  file.write({std::string{static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)}});
  file.write(header);
  for (const Blob& part : parts)
    file.write({reinterpret_cast<const char*>(part.data()),
                static_cast<std::size_t>(part.elements()) * sizeof(float)});
  file.commit();
}

void write_stage_dump(const std::string& folder, const StageDump& dump) {
  make_folders(folder);
  write_file(folder + "/boxes_before_nms.json", lines_text(dump.boxes_before_nms, detection_text));
  write_file(folder + "/boxes.json", lines_text(dump.boxes, detection_text));
  write_file(folder + "/crops.json", lines_text(dump.crops, crop_text));
  write_file(folder + "/decoded.json", lines_text(dump.decoded, person_text));
  write_file(folder + "/people.json", lines_text(dump.people, person_text));
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(dump.heatmaps.size())};
  if (dump.heatmaps.empty())
    shape.insert(shape.end(), {0, 0, 0});
  else
    shape.insert(shape.end(), dump.heatmaps[0].shape().begin(), dump.heatmaps[0].shape().end());
  write_npy(folder + "/heatmaps.npy", shape, dump.heatmaps);
}

}  // namespace pose
