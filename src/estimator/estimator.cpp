#include "pose/estimator.h"

#include "estimator/load_models.h"
#include "image/check_picture.h"
#include "pose/error.h"

namespace pose {

struct Estimator::Impl {
  Models models;
  int posebatch;
};

Estimator::Estimator(const ModelOptions& models, const MachineOptions& machine)
    : impl_(new Impl{load_models(choose_models(models), models, machine), machine.people_together()}) {
  if (models.boxes_only)
    throw Error::usage("an estimator of poses needs a pose network: boxes_only is for runs");
}

Estimator::~Estimator() = default;
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;

std::vector<Person> Estimator::estimate(const cv::Mat& bgr) {
  check_picture(bgr);
  return estimate_people(bgr, impl_->models, impl_->posebatch);
}

const Skeleton& Estimator::skeleton() const { return *impl_->models.pose.skeleton; }

}  // namespace pose
