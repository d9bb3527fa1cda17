#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pose/detection.h"

namespace pose {

/// People's boxes of a file, by what it calls its photos.
class GivenBoxes {
 public:
  /// Adds a photo's boxes with a score of at least `conf`; without an area they are counted and left out.
  void add(const std::string& name, const std::vector<Detection>& boxes, float conf);
  void add(std::int64_t number, const std::vector<Detection>& boxes, float conf);
  /// Best first; of equal ones the first of the file. To be called once, after all were added.
  void sort();

  /// nullptr if there is nothing for the photo `name`. Looked for are the name itself, the name without its
  /// folders, that without its ending, and its COCO number ("COCO_val2014_000000000042.jpg" -> 42).
  const std::vector<Detection>* find(const std::string& name) const;

  std::size_t without_area() const { return without_area_; }

 private:
  template <typename Map, typename Key>
  void append(Map& map, const Key& key, const std::vector<Detection>& boxes, float conf);

  std::map<std::string, std::vector<Detection>> by_name_;
  std::map<std::int64_t, std::vector<Detection>> by_number_;
  std::size_t without_area_ = 0;
};

/// The boxes in a file of results of any form that has boxes, or in a journal. Throws `kFormat` with the
/// place in the file, `kNotFound`, `kIo`. Source: src/detect/README.md, 7.
GivenBoxes read_given_boxes(const std::string& path, float conf);

/// The same of a file that has been read (no journal). `file` is its name for messages.
GivenBoxes parse_given_boxes(std::string_view bytes, const std::string& file, float conf);

}  // namespace pose
