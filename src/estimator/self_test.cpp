#include "estimator/self_test.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/engines.h"
#include "image/samples.h"
#include "pose/error.h"
#include "pose/estimator.h"

namespace pose {
namespace {

constexpr float kNoseX = 48, kNoseY = 27, kTolerance = 6;  // of `photo_of_a_person`; a heatmap's cell is 1.5

bool is_nose(const Joint& joint) {
  return std::abs(joint.x - kNoseX) < kTolerance && std::abs(joint.y - kNoseY) < kTolerance;
}

/// Throws for whatever goes wrong.
void find_the_person(const std::string& engine) {
  MachineOptions machine;
  machine.engine = engine;
  Estimator estimator({}, machine);
  const std::vector<Person> people = estimator.estimate(photo_of_a_person().bgr);
  if (std::none_of(people.begin(), people.end(), [](const Person& p) { return is_nose(p.joints.at(0)); }))
    throw Error::internal("the person on the built-in photo was not found");
}

EngineCheck check_engine(const std::string& name) {
  EngineCheck check{name, "", 0, ""};
  try {
    check.runs_on = engine(name).runs_on();
    const auto start = std::chrono::steady_clock::now();
    find_the_person(name);
    check.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  } catch (...) {
    check.fault = current_error().what();
  }
  return check;
}

}  // namespace

std::vector<EngineCheck> check_engines() {
  std::vector<EngineCheck> checks;
  for (const std::string& name : engine_names()) checks.push_back(check_engine(name));
  return checks;
}

}  // namespace pose
