#include "pose/report.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/error.h"
#include "report/page.h"
#include "report/run.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 100;  ///< photos whose people stand in one file

/// A run and, for each photo of the report, its record; null for one that this run does not have.
struct RunSide {
  const FinishedRun& run;
  std::vector<const PhotoRecord*> photos;
};

std::string rounded(double value, double steps) { return number_text(std::round(value * steps) / steps); }

/// A path as part of an URL: whatever is not plain becomes %XX, byte by byte.
std::string url_of(const std::string& path) {
  std::string url;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-_.~").find(c) != std::string_view::npos;
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
    url += plain ? std::string(1, c) : escaped;
  }
  return url;
}

/// Where the pages find a photo: relative to the folder of the report, so that both may move together.
std::string source_of(const PhotoRecord& photo, const std::string& folder) {
  std::error_code error;
  const fs::path path = fs::absolute(photo.path, error);
  const fs::path below = fs::relative(path, folder, error);
  return error || below.empty() ? "file://" + url_of(path.string()) : url_of(below.string());
}

/// The folder takes its name when all is there, and a report can be made again: no need to wait for the disk.
void write_part(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit_unsynced();
}

template <typename Items, typename Text>
std::string list_text(const Items& items, const char* separator, Text text) {
  std::string result = "[";
  for (const auto& item : items) result += (&item == &*items.begin() ? "" : separator) + text(item);
  return result + "]";
}

std::string skeleton_text(const Skeleton& skeleton) {
  return "{\"joints\": " +
         list_text(skeleton.joints, ", ", [](const JointInfo& joint) { return json_string(joint.name); }) +
         ", \"limbs\": " +
         list_text(skeleton.limbs, ", ",
                   [](const std::pair<int, int>& limb) {
                     return "[" + std::to_string(limb.first) + ", " + std::to_string(limb.second) + "]";
                   }) +
         "}";
}

std::string person_text(const Person& person) {
  const std::string joints = list_text(person.joints, ",", [](const Joint& joint) {
    return rounded(joint.x, 10) + "," + rounded(joint.y, 10) + "," + rounded(joint.score, 1000);
  });
  return "[" + rounded(person.score, 1000) + "," + joints + "]";
}

/// Name, source, width, height, people, best score, 0 well 1 warned 2 failed, message, difference.
std::string photo_text(const PhotoRecord& photo, const std::string& folder, double differs) {
  double best = 0;
  for (const Person& person : photo.people) best = std::max(best, person.score);
  const std::string message = photo.ok() ? photo.warning : photo.error->what();
  return "[" + json_string(photo.name) + "," + json_string(source_of(photo, folder)) + "," +
         std::to_string(photo.size.width) + "," + std::to_string(photo.size.height) + "," +
         std::to_string(photo.people.size()) + "," + rounded(best, 1000) + "," +
         (!photo.ok()             ? "2"
          : photo.warning.empty() ? "0"
                                  : "1") +
         "," + json_string(message) + "," + rounded(differs, 1000) + "]";
}

std::string index_text(const RunSide& a, const RunSide* b, const Skeleton& skeleton,
                       const std::string& folder) {
  std::string photos;
  for (std::size_t i = 0; i < a.photos.size(); ++i) {
    const double differs = b ? difference(skeleton, a.photos[i]->people, b->photos[i]->people) : 0;
    photos += (i ? ",\n" : "") + photo_text(*a.photos[i], folder, differs);
  }
  return "report.index({\"run\": " + json_string(a.run.outdir) +
         ", \"against\": " + (b ? json_string(b->run.outdir) : "null") +
         ", \"version\": " + json_string(a.run.info.version) + ", \"piece\": " + std::to_string(kPiece) +
         ", \"skeleton\": " + skeleton_text(skeleton) + ",\n\"photos\": [\n" + photos + "\n]});\n";
}

/// Files with the people of `kPiece` photos each: `a0.js`, `a1.js` ...
void write_pieces(const RunSide& side, const std::string& letter, const std::string& folder) {
  for (std::size_t first = 0; first < side.photos.size(); first += kPiece) {
    const std::string number = std::to_string(first / kPiece);
    std::string text = "report.piece(\"" + letter + "\", " + number + ", [";
    for (std::size_t i = first; i < std::min(first + kPiece, side.photos.size()); ++i)
      text += (i > first ? ",\n" : "\n") + list_text(side.photos[i]->people, ",", person_text);
    write_part(folder + "/" + letter + number + ".js", text + "\n]);\n");
  }
}

/// The photos of both runs, matched by name; those of one run alone have no difference to show.
std::pair<RunSide, RunSide> in_both(const FinishedRun& a, const FinishedRun& b) {
  std::unordered_map<std::string, const PhotoRecord*> names;
  for (const PhotoRecord& photo : b.photos) names.emplace(photo.name, &photo);
  std::pair<RunSide, RunSide> sides{{a, {}}, {b, {}}};
  for (const PhotoRecord& photo : a.photos) {
    const auto found = names.find(photo.name);
    if (found == names.end()) continue;
    sides.first.photos.push_back(&photo);
    sides.second.photos.push_back(found->second);
  }
  return sides;
}

bool is_report(const std::string& folder) {
  std::error_code error;
  return fs::exists(folder + "/index.html", error) && fs::exists(folder + "/photos.js", error);
}

/// Puts the whole report in place of an earlier one.
void take_place(const std::string& made, const std::string& folder) {
  std::error_code error;
  const std::string old = made + ".old";
  if (fs::exists(folder, error)) fs::rename(folder, old, error);
  if (!error) fs::rename(made, folder, error);
  if (error) throw Error::io("cannot put the report into " + folder, error.value());
  fs::remove_all(old, error);
}

void write_all(const RunSide& a, const RunSide* b, const std::string& outdir, const std::string& folder) {
  write_part(folder + "/index.html", report_page());
  write_part(folder + "/report.css", report_style());
  write_part(folder + "/report.js", report_script());
  write_part(folder + "/photos.js", index_text(a, b, skeleton(a.run.info.skeleton), outdir + "/report"));
  write_pieces(a, "a", folder);
  if (b) write_pieces(*b, "b", folder);
}

}  // namespace

std::string write_report(const std::string& outdir, const std::string& against) {
  const FinishedRun run = read_run(outdir);
  const std::string folder = outdir + "/report", made = folder + "." + std::to_string(getpid());
  std::error_code error;
  if (fs::exists(folder, error) && !is_report(folder))
    throw Error::usage(folder + " is there and is no report; move it away");
  RunSide only{run, {}};
  for (const PhotoRecord& photo : run.photos) only.photos.push_back(&photo);
  fs::remove_all(made, error);
  make_folders(made);
  try {
    if (against.empty()) {
      write_all(only, nullptr, outdir, made);
    } else {
      const FinishedRun other = read_run(against);
      if (other.info.skeleton != run.info.skeleton)
        throw Error::usage("the people of " + outdir + " and " + against +
                           " have other skeletons: " + run.info.skeleton + " and " + other.info.skeleton);
      const auto [a, b] = in_both(run, other);
      if (a.photos.empty()) throw Error::usage(outdir + " and " + against + " have no photo of one name");
      write_all(a, &b, outdir, made);
    }
    take_place(made, folder);
  } catch (...) {
    fs::remove_all(made, error);
    throw;
  }
  return folder + "/index.html";
}

}  // namespace pose
