#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pose/model_card.h"
#include "pose/options.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// The library in five lines:
///
///     pose::Estimator estimator;                                   // the bundled models
///     const cv::Mat photo = pose::read_image("photo.jpg");
///     for (const pose::Person& person : estimator.estimate(photo))
///       for (const pose::Joint& joint : person.joints)
///         std::cout << joint.x << ' ' << joint.y << ' ' << joint.score << '\n';
///
/// One thread at a time per object; several objects may work side by side.
class Estimator {
 public:
  /// Loads the models that `models` name. Throws `kUsage`, `kNotFound`, `kFormat`, `kMismatch`.
  explicit Estimator(const ModelOptions& models = {}, const MachineOptions& machine = {});
  ~Estimator();
  Estimator(Estimator&&) noexcept;
  Estimator& operator=(Estimator&&) noexcept;

  /// The people on a u8 BGR picture, best first; coordinates in its pixels.
  std::vector<Person> estimate(const cv::Mat& bgr);

  /// Names, limbs and mirror pairs of the joints.
  const Skeleton& skeleton() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pose
