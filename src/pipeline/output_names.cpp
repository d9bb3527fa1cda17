#include "pipeline/output_names.h"

#include <climits>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "pose/results.h"
#include "source/names.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

/// What stands in the way of writing `folder`/`name`; "" if nothing does.
std::string path_fault(const std::string& folder, const std::string& name) {
  std::error_code error;
  fs::path path(folder);
  for (const fs::path& part : fs::path(name)) {
    if (part.native().size() > NAME_MAX) return "its name is too long for a file in " + folder;
    if (fs::exists(path, error) && !fs::is_directory(path, error))
      return path.string() + " is a file, and its picture needs a folder there";
    path /= part;
  }
  if (path.native().size() >= PATH_MAX) return "its name is too long for a file in " + folder;
  return fs::is_directory(path, error) ? path.string() + " is a folder, and its picture should go there" : "";
}

std::string where_links_lead(const std::string& path) {
  std::error_code error;
  return fs::is_symlink(path, error) ? fs::weakly_canonical(path, error).string() : path;
}

/// Which photo has which picture: two of one name would overwrite each other.
class Pictures {
 public:
  Pictures(const std::vector<SourcePhoto>& photos, const OutputOptions& options)
      : folder_(options.save_img ? options.outdir + "/vis" : "") {
    if (!folder_.empty())
      for (const SourcePhoto& photo : photos) photos_.insert(places_.of(photo.path));
  }

  std::string fault(const std::string& name) {
    if (folder_.empty()) return "";
    const std::string picture = vis_name(name);
    const std::string fault = path_fault(folder_, picture);
    if (!fault.empty()) return fault;
    if (photos_.count(places_.of(where_links_lead(folder_ + "/" + picture))))
      return "its picture would take the place of the photo " + folder_ + "/" + picture;
    const auto [owner, is_new] = owners_.try_emplace(picture, name);
    return is_new ? "" : "its picture would be " + picture + ", which is that of " + owner->second;
  }

 private:
  const std::string folder_;
  PhotoPlaces places_;
  std::unordered_set<std::string> photos_;
  std::unordered_map<std::string, std::string> owners_;
};

}  // namespace

std::vector<OutputFaults> output_faults(const std::vector<SourcePhoto>& photos,
                                        const OutputOptions& options) {
  const auto error_of = [](const std::string& fault) {
    return fault.empty() ? std::nullopt : std::optional(Error::usage(fault));
  };
  const ResultForm& form = result_form(options.format);
  Pictures pictures(photos, options);
  std::vector<OutputFaults> faults;
  for (const SourcePhoto& photo : photos)
    faults.push_back({error_of(form.name_fault(photo.name)), error_of(pictures.fault(photo.name))});
  return faults;
}

}  // namespace pose
