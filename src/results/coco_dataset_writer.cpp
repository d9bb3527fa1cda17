// Data sets of COCO's form, as labelling programs open them.

#include <algorithm>
#include <set>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "results/entry_text.h"
#include "results/form_rows.h"
#include "results/people.h"

namespace pose {
namespace {

/// The numbers that the photos have, or will have: the first that is free.
class ImageIds {
 public:
  explicit ImageIds(const std::vector<PhotoPeople>& photos) {
    for (const PhotoPeople& photo : photos)
      if (photo.number) taken_.insert(*photo.number);
  }

  std::int64_t id_of(const PhotoPeople& photo) {
    if (photo.number) return *photo.number;
    while (taken_.count(next_) > 0) ++next_;
    return next_++;
  }

 private:
  std::set<std::int64_t> taken_;
  std::int64_t next_ = 1;
};

std::string image_text(const PhotoPeople& photo, std::int64_t id) {
  std::string text = "{\"id\": " + std::to_string(id) + ", \"file_name\": " + json_string(photo.name);
  if (photo.size.width > 0)
    text += ", \"width\": " + std::to_string(photo.size.width) +
            ", \"height\": " + std::to_string(photo.size.height);
  return text + "}";
}

/// Joints that are not labelled are zeros, as COCO has them.
std::string labels_text(const Person& person) {
  std::string text = "[";
  for (std::size_t k = 0; k < person.joints.size(); ++k) {
    const Joint& joint = person.joints[k];
    const int visible = std::clamp(static_cast<int>(joint.score), 0, 2);
    text += (k ? ", " : "") + (visible ? number_text(joint.x) + ", " + number_text(joint.y) : "0.0, 0.0") +
            ", " + std::to_string(visible);
  }
  return text + "]";
}

std::string annotation_text(const Person& person, std::size_t id, std::int64_t image, bool crowd) {
  const Rect box = box_or_span(person);
  const double area = person.area > 0 ? person.area : box.width * box.height;
  std::string text = "{\"id\": " + std::to_string(id) + ", \"image_id\": " + std::to_string(image) +
                     ", \"category_id\": 1, \"bbox\": " + rect_text(box) +
                     ", \"area\": " + number_text(area) +
                     ", \"segmentation\": [], \"iscrowd\": " + (crowd ? "1" : "0");
  if (!person.joints.empty()) {
    const auto labelled = std::count_if(person.joints.begin(), person.joints.end(),
                                        [](const Joint& joint) { return joint.score >= 1; });
    text += ", \"num_keypoints\": " + std::to_string(labelled) + ", \"keypoints\": " + labels_text(person);
  }
  if (person.score != 0) text += ", \"score\": " + number_text(person.score);
  return text + "}";
}

std::string category_text(const Results& results) {
  std::string names, limbs;
  for (std::size_t k = 0; k < joints_of(results); ++k)
    names += (k ? ", " : "") + json_string(joint_name(results, k));
  for (std::size_t i = 0; i < results.limbs.size(); ++i)
    limbs += (i ? ", [" : "[") + std::to_string(results.limbs[i].first + 1) + ", " +
             std::to_string(results.limbs[i].second + 1) + "]";
  std::string text = "{\"id\": 1, \"name\": \"person\", \"supercategory\": \"person\"";
  if (!names.empty()) text += ", \"keypoints\": [" + names + "], \"skeleton\": [" + limbs + "]";
  return text + "}";
}

}  // namespace

void write_coco_dataset(const Results& results, const std::string& path) {
  AtomicFile file(path);
  ImageIds ids(results.photos);
  std::vector<std::int64_t> images;
  file.write("{\"info\": {\"description\": \"people by pose\"}, \"licenses\": [],\n\"images\": [");
  for (const PhotoPeople& photo : results.photos) {
    images.push_back(ids.id_of(photo));
    file.write((images.size() > 1 ? ",\n" : "\n") + image_text(photo, images.back()));
  }
  file.write("\n],\n\"annotations\": [");
  std::size_t id = 0;
  for (std::size_t i = 0; i < results.photos.size(); ++i) {
    const auto write = [&](const std::vector<Person>& people, bool crowd) {
      for (const Person& person : people) {
        ++id;
        file.write((id > 1 ? ",\n" : "\n") + annotation_text(person, id, images[i], crowd));
      }
    };
    write(results.photos[i].people, false);
    write(results.photos[i].crowds, true);
  }
  file.write("\n],\n\"categories\": [" + category_text(results) + "]}\n");
  file.commit();
}

}  // namespace pose
