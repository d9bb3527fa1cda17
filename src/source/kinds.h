#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pose/options.h"
#include "pose/source.h"

namespace pose {

/// What the listing of one source may need of the run.
struct ListContext {
  const SourceOptions& options;
  std::set<std::string> folders;  ///< real paths of those that have been listed, so that none is twice
};

/// One row of the table of sources: a kind of thing that holds photos. A new one is a row and a file; its
/// photos may bring their own `read`.
struct SourceKind {
  std::string_view name;
  /// Whether a path that was named without saying what it is is one of these.
  bool (*recognises)(const std::string& path);
  /// The photos in their order, with path and `read`; `name` is what each would like to be called.
  std::vector<SourcePhoto> (*list)(const std::string& path, ListContext& context);
  bool is_unique;  ///< one such source has no photo twice, and names that may stand in results as they are
};

/// Throws `kUsage` for a name that is in no row.
const SourceKind& source_kind(std::string_view name);
const SourceKind& recognise_source(const std::string& path);

// The functions behind the rows.
std::vector<SourcePhoto> list_folder(const std::string& path, ListContext& context);
std::vector<SourcePhoto> list_archive(const std::string& path, ListContext& context);
std::vector<SourcePhoto> list_names(const std::string& path, ListContext& context);
std::vector<SourcePhoto> list_names0(const std::string& path, ListContext& context);
std::vector<SourcePhoto> list_file(const std::string& path, ListContext& context);

}  // namespace pose
