#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/lookup.h"
#include "base/read_file.h"
#include "image/image_file.h"
#include "pose/error.h"
#include "pose/source.h"
#include "source/archive.h"
#include "source/kinds.h"
#include "source/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesInMessage = 3;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// A list looks like any other text.
bool looks_like_nothing(const std::string&) { return false; }

/// In the order in which a path is tried.
constexpr std::array<SourceKind, 5> kKinds{{
    {"folder", &is_folder, &list_folder, true},
    {"archive", &is_archive, &list_archive, false},
    {"list", &looks_like_nothing, &list_names, false},
    {"list0", &looks_like_nothing, &list_names0, false},
    {"file", [](const std::string&) { return true; }, &list_file, false},
}};

/// What was named on the command line and how it is to be read, in the order of the run.
std::vector<std::pair<const SourceKind*, std::string>> named_sources(const SourceOptions& options) {
  std::vector<std::pair<const SourceKind*, std::string>> named;
  for (const std::string& path : options.inputs) named.emplace_back(&recognise_source(path), path);
  if (!options.list.empty()) named.emplace_back(&source_kind("list"), options.list);
  if (!options.list0.empty()) named.emplace_back(&source_kind("list0"), options.list0);
  if (options.list.empty() && options.list0.empty() && !options.indir.empty())
    named.emplace_back(&source_kind(is_archive(options.indir) ? "archive" : "folder"), options.indir);
  for (const std::string& path : options.image) named.emplace_back(&source_kind("file"), path);
  return named;
}

/// What a run has, so that it takes each photo once and gives each a name of its own.
class Known {
 public:
  /// Leaves those that are new, with their names in results.
  void leave_new(std::vector<SourcePhoto>& listed) {
    auto kept = listed.begin();
    for (SourcePhoto& photo : listed) {
      if (!known_.insert(places_.of(photo.path)).second) continue;
      photo.name = names_.add(photo.name);
      if (&*kept != &photo) *kept = std::move(photo);
      ++kept;
    }
    listed.erase(kept, listed.end());
  }

 private:
  PhotoPlaces places_;
  ResultNames names_;
  std::unordered_set<std::string> known_;
};

bool is_missing(const SourcePhoto& photo) {
  std::error_code ignored;
  return fs::status(photo.archive.empty() ? photo.path : photo.archive, ignored).type() ==
         fs::file_type::not_found;
}

/// A slip of the pen must not become a run of nothing but failures, which would replace earlier results.
void check_something_exists(const std::vector<SourcePhoto>& photos) {
  if (!std::all_of(photos.begin(), photos.end(), &is_missing)) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(photos.size(), kNamesInMessage); ++i)
    names += (i ? ", " : "") + photos[i].path;
  if (photos.size() > kNamesInMessage)
    names += " and " + std::to_string(photos.size() - kNamesInMessage) + " more";
  throw Error::usage("nothing to read: no such file: " + names);
}

}  // namespace

const SourceKind& source_kind(std::string_view name) { return lookup(kKinds, name, "source"); }

const SourceKind& recognise_source(const std::string& path) {
  return *std::find_if(kKinds.begin(), kKinds.end(), [&](const SourceKind& k) { return k.recognises(path); });
}

std::vector<SourcePhoto> list_file(const std::string& path, ListContext&) {
  return {{path, fs::path(path).filename().string()}};
}

std::vector<SourcePhoto> collect_photos(const SourceOptions& options) {
  check_options(options);
  const auto named = named_sources(options);
  if (named.empty())
    throw Error::usage(
        "nothing to read: name photos or folders, or use --indir, --list or --image (see pose --help)");
  ListContext context{options, {}};
  std::vector<SourcePhoto> photos;
  // A folder alone has no photo and no name twice: millions need no book about them.
  Known known;
  for (const auto& [kind, path] : named) {
    std::vector<SourcePhoto> listed = kind->list(path, context);
    for (std::size_t i = 0; i < listed.size(); ++i) listed[i].index = i;
    if (named.size() > 1 || !kind->is_unique) known.leave_new(listed);
    if (photos.empty())
      photos = std::move(listed);
    else
      std::move(listed.begin(), listed.end(), std::back_inserter(photos));
  }
  if (photos.empty()) throw Error::usage("nothing to read: no pictures in what was named");
  check_something_exists(photos);
  return photos;
}

PhotoBytes read_photo_file(const SourcePhoto& photo) { return read_image_file(photo.path); }

FileStamp stamp_photo_file(const SourcePhoto& photo) { return file_stamp(photo.path); }

PhotoBytes read_photo_bytes(const SourcePhoto& photo) { return photo.read(photo); }

}  // namespace pose
