#include "pose/results.h"

namespace pose {
namespace {

std::string quoted(const std::string& value) { return value.empty() ? "none" : "'" + value + "'"; }

std::string hash_of(const RunInfo& run, std::string_view role) {
  for (const ModelInfo& model : run.models)
    if (model.role == role) return model.name + " " + model.sha256;
  return "";
}

}  // namespace

std::string setting(const RunInfo& run, std::string_view name) {
  for (const Setting& s : run.settings)
    if (s.name == name) return s.value;
  return "";
}

std::string difference(const RunInfo& before, const RunInfo& now, bool files) {
  const auto differs = [](const std::string& what, const std::string& was, const std::string& is) {
    return was == is ? "" : what + " was " + quoted(was) + " and is " + quoted(is);
  };
  std::string found = differs("the version of pose", before.version, now.version);
  for (const RunInfo* run : {&before, &now})
    for (const Setting& s : run->settings)
      if (found.empty() && (s.shapes_results || (files && s.shapes_files)))
        found = differs("--" + s.name, setting(before, s.name), setting(now, s.name));
  for (const char* role : {"detector", "pose"})
    if (found.empty())
      found = differs(role + std::string(" model"), hash_of(before, role), hash_of(now, role));
  return found;
}

}  // namespace pose
