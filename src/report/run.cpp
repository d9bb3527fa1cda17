#include "report/run.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "evaluate/oks.h"
#include "results/journal_file.h"

namespace pose {
namespace {

std::string journal_in(const std::string& outdir) {
  std::error_code error;
  for (const std::string_view name : {kCompleteJournal, kPartialJournal}) {
    const std::string path = outdir + "/" + std::string(name);
    if (std::filesystem::exists(path, error)) return path;
  }
  throw Error::not_found("no journal in " + outdir + ": a report is made of the output folder of a run");
}

/// The area of the upright box around a person's joints.
double extent(const Person& person) {
  const auto by_x = [](const Joint& a, const Joint& b) { return a.x < b.x; };
  const auto by_y = [](const Joint& a, const Joint& b) { return a.y < b.y; };
  const auto [left, right] = std::minmax_element(person.joints.begin(), person.joints.end(), by_x);
  const auto [top, bottom] = std::minmax_element(person.joints.begin(), person.joints.end(), by_y);
  if (left == person.joints.end()) return 0;
  return (static_cast<double>(right->x) - left->x) * (static_cast<double>(bottom->y) - top->y);
}

double likeness(const Skeleton& skeleton, const Person& a, const Person& b) {
  const std::size_t joints = std::min({skeleton.joints.size(), a.joints.size(), b.joints.size()});
  if (joints == 0) return 0;
  double sum = 0;
  for (std::size_t j = 0; j < joints; ++j)
    sum += joint_likeness(skeleton.joints[j], static_cast<double>(a.joints[j].x) - b.joints[j].x,
                          static_cast<double>(a.joints[j].y) - b.joints[j].y, extent(a));
  return sum / static_cast<double>(joints);
}

}  // namespace

FinishedRun read_run(const std::string& outdir) {
  FinishedRun run{outdir, {}, {}};
  const std::string path = journal_in(outdir);
  JournalReader reader(path);
  std::unordered_map<std::string, std::size_t> by_name;
  for (std::string line; reader.next(line);) {
    JournalLine parsed = reader.parse(line);
    if (auto* info = std::get_if<RunInfo>(&parsed)) {
      run.info = std::move(*info);
      continue;
    }
    PhotoRecord& photo = std::get<JournalRecord>(parsed).photo;
    const auto [found, is_new] = by_name.emplace(photo.name, run.photos.size());
    if (is_new)
      run.photos.push_back(std::move(photo));
    else if (PhotoRecord& earlier = run.photos[found->second]; photo.ok() || !earlier.ok())
      earlier = std::move(photo);
  }
  std::stable_sort(run.photos.begin(), run.photos.end(),
                   [](const PhotoRecord& a, const PhotoRecord& b) { return a.index < b.index; });
  return run;
}

double difference(const Skeleton& skeleton, const std::vector<Person>& a, const std::vector<Person>& b) {
  struct Match {
    double likeness;
    std::size_t a, b;
  };
  std::vector<Match> matches;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) matches.push_back({likeness(skeleton, a[i], b[j]), i, j});
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& x, const Match& y) { return x.likeness > y.likeness; });
  std::vector<bool> taken_a(a.size()), taken_b(b.size());
  double sum = static_cast<double>(std::max(a.size(), b.size()));
  for (const Match& match : matches) {
    if (taken_a[match.a] || taken_b[match.b]) continue;
    taken_a[match.a] = taken_b[match.b] = true;
    sum -= match.likeness;
  }
  return sum;
}

}  // namespace pose
