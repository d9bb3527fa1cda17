#include "engine/engines.h"

#include <dlfcn.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "base/library_folder.h"
#include "base/lookup.h"
#include "pose/error.h"
#include "pose/version.h"

namespace pose {
namespace {

/// One row of the table of engines.
struct EngineRow {
  std::string_view name;
  std::string_view help;
  const char* library;  ///< file beside this library
};

constexpr std::array<EngineRow, 3> kEngines{{
    {"auto", "cpu on a processor that it knows, torch otherwise", nullptr},
    {"cpu", "our own, for processors", "libpose_cpu.so"},
    {"torch", "LibTorch, layer by layer, on the CPU or a CUDA device", "libpose_torch.so"},
}};

const Engine& open_engine(const EngineRow& row) {
  const std::string path = (std::filesystem::path(library_folder()) / row.library).string();
  const auto refuse = [&](const std::string& why) {
    throw Error::not_found("engine '" + std::string(row.name) + "' cannot be used: " + why +
                           "; build and install pose as a whole");
  };
  // Opened again and again it is the same library; it stays open as long as the program runs.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) refuse(dlerror());
  using Entry = const Engine* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kEngineEntry));
  if (entry == nullptr) refuse(path + " is no engine of pose");
  const Engine& found = *entry();
  if (std::strcmp(found.version, kVersion) != 0)
    refuse(path + " belongs to pose " + found.version + ", not " + kVersion);
  return found;
}

}  // namespace

const Engine& engine(std::string_view name) {
  const EngineRow& row = lookup(kEngines, name, "engine");
  if (row.library != nullptr) return open_engine(row);
  const Engine& own = engine("cpu");
  return own.suits_processor() ? own : engine("torch");
}

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const EngineRow& row : kEngines)
    if (row.library != nullptr) names.emplace_back(row.name);
  return names;
}

void check_batch(const Graph& graph, const Blob& batch) {
  const Chw& in = graph.nodes.front().shape;
  const std::vector<std::int64_t>& s = batch.shape();
  if (s.size() != 4 || s[0] < 1 || s[1] != in.c || s[2] != in.h || s[3] != in.w)
    throw Error::mismatch("the network takes batches of " + to_string(in) + " numbers");
}

}  // namespace pose
