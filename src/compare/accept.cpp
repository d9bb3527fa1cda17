#include <filesystem>

#include "base/atomic_file.h"
#include "base/read_file.h"
#include "pose/compare.h"
#include "pose/error.h"
#include "results/read_results.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestResults = std::size_t{1} << 30;

/// The file with the results of all photos.
std::string file_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  const std::string file = path + "/" + kResultsName;
  if (!fs::exists(file, error))
    throw Error::usage(path +
                       " has a file per photo, which cannot be replaced together: name one file for all");
  return file;
}

}  // namespace

void accept_results(const std::string& reference, const std::string& results) {
  write_file(file_of(reference), text_of(read_file(file_of(results), kLargestResults)));
}

}  // namespace pose
