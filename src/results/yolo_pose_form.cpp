// YOLO's labels for poses, a text file per photo: class, box and joints as shares of the photo's sides.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/atomic_file.h"
#include "base/number_text.h"
#include "pose/error.h"
#include "results/folder_writer.h"
#include "results/form_rows.h"
#include "results/people.h"
#include "results/skeletons.h"

namespace pose {
namespace {

constexpr std::size_t kBoxNumbers = 5;
constexpr double kFarthestShare = 1000;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Nothing if a word is no number.
std::optional<std::vector<double>> numbers_of(std::string_view line) {
  std::vector<double> numbers;
  for (std::size_t at = line.find_first_not_of(" \t\r"); at < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    double value = 0;
    const auto [stop, error] = std::from_chars(line.data() + at, line.data() + end, value);
    if (error != std::errc() || stop != line.data() + end || !std::isfinite(value)) return std::nullopt;
    numbers.push_back(value);
    at = line.find_first_not_of(" \t\r", end);
  }
  return numbers;
}

bool is_row(const std::vector<double>& numbers) {
  return numbers.size() >= kBoxNumbers && (numbers.size() - kBoxNumbers) % 3 == 0 &&
         std::trunc(numbers[0]) == numbers[0];
}

Person person_of(const std::vector<double>& n) {
  Person person;
  const Rect box{n[1] - n[3] / 2, n[2] - n[4] / 2, n[3], n[4]};
  person.detection = {box.corners(), 1, 1, 0, box};  // somebody drew it
  for (std::size_t i = kBoxNumbers; i < n.size(); i += 3)
    person.joints.push_back(
        {static_cast<float>(n[i]), static_cast<float>(n[i + 1]), static_cast<float>(n[i + 2])});
  return person;
}

std::string person_text(const Person& person, const Size& size) {
  const Rect box = box_or_span(person);
  const double width = size.width, height = size.height;
  std::string text = "0 " + number_text((box.x + box.width / 2) / width) + " " +
                     number_text((box.y + box.height / 2) / height) + " " + number_text(box.width / width) +
                     " " + number_text(box.height / height);
  for (const Joint& joint : person.joints) {
    const int visible = std::clamp(static_cast<int>(joint.score), 0, 2);
    text += visible ? " " + number_text(joint.x / width) + " " + number_text(joint.y / height) : " 0.0 0.0";
    text += " " + std::to_string(visible);
  }
  return text + "\n";
}

/// What trainers want to know beside the labels.
std::string description_text(const Results& results) {
  const std::size_t joints = joints_of(results);
  std::vector<std::size_t> mirrored(joints);
  for (std::size_t k = 0; k < joints; ++k) mirrored[k] = k;
  for (const auto& [a, b] : skeleton_of(results).mirror_pairs)
    std::swap(mirrored[static_cast<std::size_t>(a)], mirrored[static_cast<std::size_t>(b)]);
  std::string text = "names:\n  0: person\nkpt_shape: [" + std::to_string(joints) + ", 3]\nflip_idx: [";
  for (std::size_t k = 0; k < joints; ++k) text += (k ? ", " : "") + std::to_string(mirrored[k]);
  return text + "]\n";
}

}  // namespace

bool is_yolo_pose(std::string_view text) {
  const auto numbers = numbers_of(take_line(text));
  return numbers && is_row(*numbers);
}

Results read_yolo_pose(std::string_view text, const std::string& file) {
  Results results;
  results.visibility = true;
  results.in_shares = true;
  results.photos.emplace_back();
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto numbers = numbers_of(take_line(text));
    if (numbers && numbers->empty()) continue;
    const bool in_range = numbers && std::all_of(numbers->begin(), numbers->end(),
                                                 [](double n) { return std::abs(n) <= kFarthestShare; });
    if (!in_range || !is_row(*numbers))
      throw Error::format(file + ", line " + std::to_string(line) +
                          ": must be a class, a box of 4 shares and x, y, visibility of every joint");
    if ((*numbers)[0] == 0) results.photos.back().people.push_back(person_of(*numbers));
  }
  return results;
}

void write_yolo_pose(const Results& results, const std::string& path) {
  FolderWriter folder(path, ".txt");
  for (const PhotoPeople& photo : results.photos) {
    if (photo.size.width < 1 || photo.size.height < 1)
      throw Error::usage("the form yolo-pose has shares of a photo's sides, and the size of '" + photo.name +
                         "' is not known: name the folder of the photos (--photos DIR)");
    std::string text;
    for (const Person& person : photo.people) text += person_text(person, photo.size);
    folder.add(photo, text);
  }
  write_file(path + "/data.yaml", description_text(results));
}

}  // namespace pose
