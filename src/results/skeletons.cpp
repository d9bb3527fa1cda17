#include "results/skeletons.h"

#include <algorithm>
#include <array>

#include "pose/error.h"
#include "results/people.h"

namespace pose {
namespace {

/// Of joints of which nobody says how hard they are to place.
constexpr double kUnknownSigma = 0.08;
constexpr int kNone = -1;

/// A joint halfway between two others.
struct Middle {
  std::string_view name, left, right;
};
constexpr std::array<Middle, 2> kMiddles{
    {{"neck", "left_shoulder", "right_shoulder"}, {"mid_hip", "left_hip", "right_hip"}}};

/// Where a joint comes from: one joint, or the mean of two.
struct Origin {
  int first = kNone, second = kNone;
};

int position(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? kNone : static_cast<int>(found - names.begin());
}

Origin origin_of(const std::vector<std::string>& names, std::string_view name) {
  const int same = position(names, name);
  if (same != kNone) return {same, same};
  for (const Middle& middle : kMiddles) {
    const int left = position(names, middle.left), right = position(names, middle.right);
    if (middle.name == name && left != kNone && right != kNone) return {left, right};
  }
  return {};
}

Joint mean(const Joint& a, const Joint& b) {
  if (is_missing(a) || is_missing(b)) return {};
  return {static_cast<float>((double{a.x} + b.x) / 2), static_cast<float>((double{a.y} + b.y) / 2),
          static_cast<float>((double{a.score} + b.score) / 2)};
}

void change_person(Person& person, const std::vector<Origin>& origins) {
  if (person.joints.empty()) return;
  std::vector<Joint> joints;
  const auto at = [&](int i) { return person.joints[static_cast<std::size_t>(i)]; };
  for (const Origin& origin : origins) {
    if (origin.first == kNone)
      joints.push_back({});
    else
      joints.push_back(origin.first == origin.second ? at(origin.first)
                                                     : mean(at(origin.first), at(origin.second)));
  }
  person.joints = std::move(joints);
}

}  // namespace

Skeleton skeleton_of(const Results& results) {
  if (!results.skeleton.empty()) return skeleton(results.skeleton);
  Skeleton made{"", {}, results.limbs, {}};
  for (std::size_t k = 0; k < joints_of(results); ++k)
    made.joints.push_back(
        {k < results.joint_names.size() ? std::string_view(results.joint_names[k]) : std::string_view(),
         Side::kMiddle, kUnknownSigma});
  return made;
}

std::vector<std::string> change_skeleton(Results& results, const Skeleton& to) {
  std::vector<Origin> origins;
  std::vector<std::string> names, lost;
  for (const JointInfo& joint : to.joints) {
    names.emplace_back(joint.name);
    origins.push_back(origin_of(results.joint_names, joint.name));
  }
  if (std::all_of(origins.begin(), origins.end(), [](const Origin& o) { return o.first == kNone; }))
    throw Error::mismatch("the joints have no names that the skeleton '" + std::string(to.name) +
                          "' knows; only results of a known skeleton can be brought to another");
  for (const std::string& name : results.joint_names)
    if (position(names, name) == kNone) lost.push_back(name);
  for (PhotoPeople& photo : results.photos) {
    for (Person& person : photo.people) change_person(person, origins);
    for (Person& person : photo.crowds) change_person(person, origins);
  }
  results.skeleton = to.name;
  results.joint_names = std::move(names);
  results.limbs = to.limbs;
  return lost;
}

}  // namespace pose
