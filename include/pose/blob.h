#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace pose {

/// A dense row-major f32 array that can be passed around freely: copies share the elements.
class Blob {
 public:
  Blob() = default;
  /// Allocates `shape`, elements are zero.
  explicit Blob(std::vector<std::int64_t> shape);
  /// Views memory that `owner` keeps alive (for example a tensor of an engine).
  Blob(std::vector<std::int64_t> shape, float* data, std::shared_ptr<void> owner);

  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::int64_t dim(std::size_t i) const { return shape_.at(i); }
  std::int64_t elements() const;
  bool empty() const { return data_ == nullptr; }

  float* data() { return data_; }
  const float* data() const { return data_; }

  /// Item `i` of the first dimension, as a blob of the remaining dimensions; shares the elements.
  Blob operator[](std::int64_t i) const;

 private:
  std::vector<std::int64_t> shape_;
  float* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

}  // namespace pose
