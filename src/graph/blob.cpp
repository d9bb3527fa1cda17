#include "pose/blob.h"

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
  const auto buffer = std::make_shared<std::vector<float>>(static_cast<std::size_t>(product(shape_)));
  data_ = buffer->data();
  owner_ = buffer;
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
