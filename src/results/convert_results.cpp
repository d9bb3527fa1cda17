// Results of any form as another.

#include <algorithm>
#include <cstdio>

#include "base/lookup.h"
#include "pose/results.h"
#include "results/people.h"
#include "results/skeletons.h"

namespace pose {
namespace {

constexpr int kCocoDigits = 12;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

template <typename Wanted>
std::size_t count_people(const Results& results, const Wanted& wanted) {
  std::size_t count = 0;
  for (const PhotoPeople& photo : results.photos)
    count += static_cast<std::size_t>(std::count_if(photo.people.begin(), photo.people.end(), wanted));
  return count;
}

bool has_joints(const Person& person) { return !person.joints.empty(); }

class Conversion {
 public:
  Conversion(Results results, const ResultForm& form) : results_(std::move(results)), form_(form) {}

  ConvertedResults run(const std::string& path, const std::string& skeleton_name) {
    change_joints(skeleton_name.empty() && form_.skeleton_for ? form_.skeleton_for(results_) : skeleton_name);
    leave_out_people();
    tell_what_is_lost();
    change_third_numbers();
    name_photos();
    write(path);
    report_.photos = results_.photos.size();
    report_.people = count_people(results_, [](const Person&) { return true; });
    return std::move(report_);
  }

 private:
  bool holds(unsigned what) const { return (form_.holds & what) != 0; }
  void lose(const std::string& what) { report_.left_out.push_back(what); }

  void change_joints(const std::string& name) {
    if (name.empty() || name == results_.skeleton || joints_of(results_) == 0) return;
    const std::vector<std::string> lost = change_skeleton(results_, skeleton(name));
    if (!lost.empty()) lose("joints that " + name + " does not have: " + joined(lost));
  }

  /// Some forms have no place for a box alone, some not beside people with joints.
  void leave_out_people() {
    const std::size_t with_joints = count_people(results_, has_joints);
    const std::size_t all = count_people(results_, [](const Person&) { return true; });
    if (all > 0 && with_joints == 0 && !holds(kBoxesAlone))
      throw Error::mismatch("these are boxes without joints, and the form " + std::string(form_.name) +
                            " is of joints: boxes, coco-dataset, labelme, csv and jsonl hold boxes");
    if (with_joints == all || (holds(kBoxesAlone) && (holds(kMixed) || with_joints == 0))) return;
    for (PhotoPeople& photo : results_.photos)
      photo.people.erase(std::remove_if(photo.people.begin(), photo.people.end(),
                                        [](const Person& person) { return !has_joints(person); }),
                         photo.people.end());
    lose("people without joints");
  }

  void tell_what_is_lost() {
    struct Kind {
      unsigned bit;
      const char* name;
      bool is_there;
    };
    const auto any_photo = [&](auto wanted) {
      return std::any_of(results_.photos.begin(), results_.photos.end(), wanted);
    };
    const auto any = [&](auto wanted) { return count_people(results_, wanted) > 0; };
    const auto has_score = [](const Joint& joint) { return joint.score != 0; };
    const Kind kinds[] = {
        {kJoints, "joints", any(has_joints)},
        {kJointScores, "scores of joints", !results_.visibility && any([&](const Person& p) {
           return std::any_of(p.joints.begin(), p.joints.end(), has_score);
         })},
        {kVisibility, "whether joints are hidden", results_.visibility && any(has_joints)},
        {kPersonScores, "scores of people", any([](const Person& p) { return p.score != 0; })},
        {kBoxes, "boxes", any([](const Person& p) { return has_box(p); })},
        {kTracks, "numbers of tracks",
         results_.form == "alphapose-master" && any([](const Person& p) { return p.index != 0; })},
        {kNames, "names of photos", any_photo([](const PhotoPeople& photo) { return !photo.name.empty(); })},
        {kNobody, "photos with nobody on them",
         any_photo([](const PhotoPeople& photo) { return photo.people.empty(); })},
        {kCrowds, "crowds", any_photo([](const PhotoPeople& photo) { return !photo.crowds.empty(); })}};
    for (const Kind& kind : kinds)
      if (kind.is_there && !holds(kind.bit)) lose(kind.name);
  }

  /// A score says how sure a program is of a joint, a visibility whether somebody labelled it.
  void change_third_numbers() {
    if (results_.visibility == holds(kVisibility)) return;
    for (PhotoPeople& photo : results_.photos)
      for (Person& person : photo.people)
        for (Joint& joint : person.joints)
          joint.score = joint.score > 0 ? (results_.visibility ? 1.0f : 2.0f) : 0.0f;
    results_.visibility = holds(kVisibility);
  }

  /// COCO calls a photo after its number; a form without names takes the number from the name.
  void name_photos() {
    for (PhotoPeople& photo : results_.photos) {
      if (!holds(kNames) && photo.number) photo.name = std::to_string(*photo.number);
      if (!photo.name.empty() || !photo.number) continue;
      char name[64];
      std::snprintf(name, sizeof name, "%0*lld.jpg", kCocoDigits, static_cast<long long>(*photo.number));
      photo.name = name;
    }
  }

  void write(const std::string& path) const {
    if (form_.convert) return form_.convert(results_, path);
    const auto writer = form_.write(path, skeleton_of(results_));
    for (const PhotoPeople& photo : results_.photos) {
      if (const std::string fault = form_.name_fault(photo.name); !fault.empty()) throw Error::usage(fault);
      PhotoRecord record;
      record.name = photo.name;
      record.size = photo.size;
      record.people = photo.people;
      for (const Person& person : photo.people)
        if (has_box(person)) record.boxes.push_back(person.detection);
      writer->add(record);
    }
    writer->finish();
  }

  Results results_;
  const ResultForm& form_;
  ConvertedResults report_;
};

}  // namespace

ConvertedResults convert_results(Results results, const std::string& path, const std::string& form,
                                 const std::string& skeleton) {
  return Conversion(std::move(results), lookup(result_forms(), form, "form of results")).run(path, skeleton);
}

}  // namespace pose
