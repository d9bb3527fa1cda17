// A table with a row per person, for spreadsheets and data frames.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/atomic_file.h"
#include "base/number_text.h"
#include "pose/error.h"
#include "results/entries.h"
#include "results/form_rows.h"
#include "results/people.h"

namespace pose {
namespace {

constexpr std::string_view kStart = "photo,person,score,box_x,box_y,box_width,box_height";
constexpr std::size_t kFirstJoint = 7;
constexpr std::array<std::string_view, 3> kParts{"_x", "_y", "_score"};

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// People without joints have as many empty cells as others have joints.
std::string row_text(const PhotoPeople& photo, std::size_t number, const Person& person, std::size_t joints) {
  std::string text = quoted(photo.name) + "," + std::to_string(number) + "," + number_text(person.score);
  const Rect box = person.detection.rect();
  if (has_box(person))
    text += "," + number_text(box.x) + "," + number_text(box.y) + "," + number_text(box.width) + "," +
            number_text(box.height);
  else
    text += ",,,,";
  for (const Joint& joint : person.joints)
    text += "," + number_text(joint.x) + "," + number_text(joint.y) + "," + number_text(joint.score);
  if (person.joints.empty()) text.append(joints * kParts.size(), ',');
  return text + "\n";
}

/// One row after another, each a list of cells; a cell in quotes may hold commas and line ends.
class Rows {
 public:
  Rows(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  bool next(std::vector<std::string>& cells) {
    cells.clear();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) line_ += text_[at_++] == '\n';
    if (at_ == text_.size()) return false;
    do cells.push_back(cell());
    while (at_ < text_.size() && text_[at_] == ',' && ++at_);
    if (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') fail("has text behind a quoted cell");
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error::format(file_ + ", line " + std::to_string(line_) + ": " + what);
  }

 private:
  std::string cell() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted_cell();
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string cell(text_.substr(at_, end - at_));
    at_ = end;
    return cell;
  }

  std::string quoted_cell() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"' && (at_ + 1 == text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        return cell;
      }
      if (text_[at_] == '"') ++at_;
      cell += text_[at_];
    }
    fail("a quoted cell does not end: the file was cut off, copy or make it again");
  }

  const std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, line_ = 1;
};

/// The joints that the head of the table names, in threes.
std::vector<std::string> joint_names_of(const std::vector<std::string>& head, const Rows& rows) {
  std::vector<std::string> names;
  if ((head.size() - kFirstJoint) % kParts.size() != 0) rows.fail("must name x, y and score of every joint");
  for (std::size_t i = kFirstJoint; i < head.size(); i += kParts.size()) {
    const std::string name = head[i].substr(0, head[i].size() - std::min(head[i].size(), kParts[0].size()));
    for (std::size_t k = 0; k < kParts.size(); ++k)
      if (head[i + k] != name + std::string(kParts[k]))
        rows.fail("must name x, y and score of every joint, not '" + head[i + k] + "'");
    names.push_back(name);
  }
  return names;
}

class PeopleReader {
 public:
  PeopleReader(const std::vector<std::string>& head, const Rows& rows) : head_(head), rows_(rows) {}

  Person person(const std::vector<std::string>& row) const {
    Person person;
    person.score = number(row, 2);
    if (!row[3].empty()) {
      const Rect box{number(row, 3), number(row, 4), number(row, 5), number(row, 6)};
      if (box.width < 0 || box.height < 0) rows_.fail("the box's sides must not be negative");
      const auto score = static_cast<float>(person.score);
      person.detection = {box.corners(), score, score, 0, box};
    }
    const bool has_joints = row.size() > kFirstJoint && !row[kFirstJoint].empty();
    for (std::size_t i = kFirstJoint; has_joints && i < row.size(); i += kParts.size())
      person.joints.push_back({static_cast<float>(number(row, i)), static_cast<float>(number(row, i + 1)),
                               static_cast<float>(number(row, i + 2))});
    return person;
  }

 private:
  double number(const std::vector<std::string>& row, std::size_t i) const {
    double value = 0;
    const std::string& cell = row[i];
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size()) rows_.fail(head_[i] + " must be a number");
    if (!(std::abs(value) <= kFarthest)) rows_.fail(head_[i] + " is out of range");
    return value;
  }

  const std::vector<std::string>& head_;
  const Rows& rows_;
};

}  // namespace

void write_csv(const Results& results, const std::string& path) {
  AtomicFile file(path);
  std::string head(kStart);
  const std::size_t joints = joints_of(results);
  for (std::size_t k = 0; k < joints; ++k)
    for (const std::string_view part : kParts)
      head += "," + quoted(joint_name(results, k) + std::string(part));
  file.write(head + "\n");
  const std::string nothing(static_cast<std::size_t>(std::count(head.begin(), head.end(), ',')), ',');
  for (const PhotoPeople& photo : results.photos) {
    if (photo.people.empty()) file.write(quoted(photo.name) + nothing + "\n");
    for (std::size_t i = 0; i < photo.people.size(); ++i)
      file.write(row_text(photo, i + 1, photo.people[i], joints));
  }
  file.commit();
}

bool is_csv(std::string_view text) { return text.substr(0, kStart.size()) == kStart; }

Results read_csv(std::string_view text, const std::string& file) {
  Rows rows(text, file);
  std::vector<std::string> head, row;
  rows.next(head);
  std::vector<std::string> names = joint_names_of(head, rows);
  const PeopleReader reader(head, rows);
  PeopleByPhoto people;
  while (rows.next(row)) {
    if (row.size() != head.size())
      rows.fail("has " + std::to_string(row.size()) + " cells, and the first line has " +
                std::to_string(head.size()));
    if (row[1].empty())
      people.add_photo(row[0]);
    else
      people.add(row[0], reader.person(row));
  }
  Results results = people.take();
  results.joint_names = std::move(names);
  return results;
}

}  // namespace pose
