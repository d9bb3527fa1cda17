#include "pose/estimator.h"

#include "estimator/load_models.h"
#include "pose/error.h"

namespace pose {

struct Estimator::Impl {
  Models models;
  int posebatch;
};

Estimator::Estimator(const ModelOptions& models, const MachineOptions& machine)
    : impl_(new Impl{load_models(choose_models(models), models, machine), machine.posebatch}) {}

Estimator::~Estimator() = default;
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;

std::vector<Person> Estimator::estimate(const cv::Mat& bgr) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw Error::usage("the estimator takes 8-bit pictures with three channels (BGR), as read_image gives");
  return estimate_people(bgr, impl_->models, impl_->posebatch);
}

const Skeleton& Estimator::skeleton() const { return *impl_->models.pose.skeleton; }

}  // namespace pose
