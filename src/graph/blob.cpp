#include "pose/blob.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "pose/error.h"

namespace pose {
namespace {

std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape) n *= d;
  return n;
}

}  // namespace

Blob::Blob(std::vector<std::int64_t> shape) : shape_(std::move(shape)) {
  // calloc: fresh pages are zero already, and large blobs are mostly written once more at once.
  const auto count = static_cast<std::size_t>(product(shape_));
  data_ = static_cast<float*>(std::calloc(std::max<std::size_t>(count, 1), sizeof(float)));
  if (data_ == nullptr) throw std::bad_alloc();
  owner_ = std::shared_ptr<void>(data_, &std::free);
}

Blob::Blob(std::vector<std::int64_t> shape, float* data, std::shared_ptr<void> owner)
    : shape_(std::move(shape)), data_(data), owner_(std::move(owner)) {}

std::int64_t Blob::elements() const { return shape_.empty() && !data_ ? 0 : product(shape_); }

Blob Blob::operator[](std::int64_t i) const {
  POSE_CHECK(!shape_.empty() && i >= 0 && i < shape_[0]);
  std::vector<std::int64_t> rest(shape_.begin() + 1, shape_.end());
  const std::int64_t step = product(rest);
  return Blob(std::move(rest), data_ + i * step, owner_);
}

}  // namespace pose
