#include "evaluate/joint_errors.h"

#include <algorithm>
#include <cmath>

#include "evaluate/oks.h"

namespace pose {
namespace {

constexpr double kLeastOks = 0.1;  ///< of two people who are taken for one
constexpr double kGood = 0.85;     ///< likeness of a joint that is where it should be
constexpr double kNear = 0.5;      ///< likeness of a joint that belongs to a place

/// The joint that mirroring makes of each; itself in the middle.
std::vector<std::size_t> mirrored(const Skeleton& skeleton) {
  std::vector<std::size_t> result(skeleton.joints.size());
  for (std::size_t j = 0; j < result.size(); ++j) result[j] = j;
  for (const auto& [a, b] : skeleton.mirror_pairs) {
    result[static_cast<std::size_t>(a)] = static_cast<std::size_t>(b);
    result[static_cast<std::size_t>(b)] = static_cast<std::size_t>(a);
  }
  return result;
}

/// How near a found joint is to joint `j` of `person`, 0 to 1; 0 where it is not labelled.
double nearness(const Skeleton& skeleton, const TruePerson& person, std::size_t j, const double* joint) {
  const double* truth = person.joints.data() + 3 * j;
  return truth[2] > 0
             ? joint_likeness(skeleton.joints[j], joint[0] - truth[0], joint[1] - truth[1], person.area)
             : 0;
}

using People = std::vector<const TruePerson*>;

/// Why joint `j` of a pair is where it is.
std::size_t JointErrors::*kind_of(const Skeleton& skeleton, const std::vector<std::size_t>& mirror,
                                  const Pair& pair, const People& photo, std::size_t j) {
  const double* joint = pair.found + 3 * j;
  const double right = nearness(skeleton, *pair.person, j, joint);
  if (right >= kGood) return &JointErrors::good;
  if (right >= kNear) return &JointErrors::jitter;
  const double inverted = mirror[j] == j ? 0 : nearness(skeleton, *pair.person, mirror[j], joint);
  double swapped = 0;
  for (const TruePerson* other : photo)
    if (other != pair.person)
      for (const std::size_t place : {j, mirror[j]})
        swapped = std::max(swapped, nearness(skeleton, *other, place, joint));
  if (std::max(inverted, swapped) < kNear) return &JointErrors::missed;
  return inverted >= swapped ? &JointErrors::inverted : &JointErrors::swapped;
}

double distance(const double* a, const double* b) { return std::hypot(a[0] - b[0], a[1] - b[1]); }

/// What distances of a person are measured by; 0 where it is not known.
double unit_of(const TruePerson& person, bool by_head) {
  if (!by_head) return std::max(person.box[2], person.box[3]);
  constexpr double kHeadShare = 0.6;  // MPII's, of the diagonal of its head boxes
  if (person.head_box) return kHeadShare * std::hypot((*person.head_box)[2], (*person.head_box)[3]);
  constexpr std::size_t kNeck = 8, kTop = 9;
  const double *neck = person.joints.data() + 3 * kNeck, *top = person.joints.data() + 3 * kTop;
  return neck[2] > 0 && top[2] > 0 ? distance(neck, top) : 0;
}

}  // namespace

std::vector<Pair> pair_people(const GroundTruth& truth, const FoundPeople& found) {
  std::vector<Pair> pairs;
  std::vector<std::vector<std::size_t>> by_photo(truth.photos.size());
  for (const TruePerson& person : truth.people) {
    if (person.ignored || person.labelled == 0) continue;
    by_photo[static_cast<std::size_t>(person.photo)].push_back(pairs.size());
    pairs.push_back({&person, nullptr});
  }
  const std::vector<std::vector<std::size_t>> best = best_by_photo(found, truth.photos.size());
  const std::size_t numbers = 3 * truth.skeleton->joints.size();
  for (std::size_t p = 0; p < best.size(); ++p)
    for (const std::size_t index : best[p]) {
      const double* joints = found.joints.data() + numbers * index;
      double most = kLeastOks;
      Pair* partner = nullptr;
      for (const std::size_t i : by_photo[p]) {
        const double likeness = pairs[i].found ? 0 : oks(*truth.skeleton, *pairs[i].person, joints);
        if (likeness < most) continue;
        most = likeness;
        partner = &pairs[i];
      }
      if (partner) partner->found = joints;
    }
  return pairs;
}

std::vector<JointErrors> joint_errors(const GroundTruth& truth, const std::vector<Pair>& pairs) {
  const Skeleton& skeleton = *truth.skeleton;
  const std::vector<std::size_t> mirror = mirrored(skeleton);
  std::vector<People> photos(truth.photos.size());
  for (const TruePerson& person : truth.people)
    photos[static_cast<std::size_t>(person.photo)].push_back(&person);
  std::vector<JointErrors> errors(skeleton.joints.size());
  for (std::size_t j = 0; j < errors.size(); ++j) {
    errors[j].name = skeleton.joints[j].name;
    errors[j].distance = 0;
  }
  for (const Pair& pair : pairs)
    for (std::size_t j = 0; j < errors.size(); ++j) {
      const double* joint = pair.person->joints.data() + 3 * j;
      if (!pair.found || !(joint[2] > 0)) continue;
      const People& photo = photos[static_cast<std::size_t>(pair.person->photo)];
      ++(errors[j].*kind_of(skeleton, mirror, pair, photo, j));
      ++errors[j].labelled;
      errors[j].distance += distance(pair.found + 3 * j, joint) / std::sqrt(std::max(pair.person->area, 1.0));
    }
  for (JointErrors& joint : errors)
    joint.distance = joint.labelled == 0 ? -1 : joint.distance / static_cast<double>(joint.labelled);
  return errors;
}

Metric measure_pck(const GroundTruth& truth, const std::vector<Pair>& pairs, double threshold,
                   std::vector<JointErrors>& joints, std::vector<std::string>& notes) {
  const bool by_head = truth.skeleton->name == "mpii16";
  std::vector<double> right(joints.size()), all(joints.size());
  std::size_t without_unit = 0;
  for (const Pair& pair : pairs) {
    const double unit = unit_of(*pair.person, by_head);
    without_unit += !(unit > 0);
    for (std::size_t j = 0; unit > 0 && j < joints.size(); ++j) {
      const double* joint = pair.person->joints.data() + 3 * j;
      if (!(joint[2] > 0)) continue;
      all[j] += 1;
      right[j] += pair.found && distance(pair.found + 3 * j, joint) <= threshold * unit;
    }
  }
  double total_right = 0, total = 0;
  for (std::size_t j = 0; j < joints.size(); ++j) {
    joints[j].pck = all[j] > 0 ? right[j] / all[j] : -1;
    if (by_head && (joints[j].name == "pelvis" || joints[j].name == "thorax")) continue;  // as MPII does
    total_right += right[j];
    total += all[j];
  }
  if (without_unit > 0)
    notes.push_back(std::to_string(without_unit) + " people of " + truth.file +
                    (by_head ? " have neither a 'head_box' nor both joints of the head labelled"
                             : " have an empty 'bbox'") +
                    ", and do not count for " + (by_head ? "PCKh" : "PCK"));
  return {by_head ? "PCKh" : "PCK", total > 0 ? total_right / total : -1,
          by_head ? "joints within the asked share of the head's size"
                  : "joints within the asked share of the box's greater side"};
}

}  // namespace pose
