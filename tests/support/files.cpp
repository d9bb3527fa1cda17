#include "support/files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace pose::test {

std::string data_path(const std::string& name) { return std::string(POSE_TEST_DATA) + "/" + name; }

std::string shared_path(const std::string& name) {
  const std::string path = std::string(POSE_SHARED_DIR) + "/" + name;
  return std::filesystem::exists(path) ? path : "";
}

const nlohmann::json& golden(std::string_view name) {
  static std::map<std::string, nlohmann::json> parsed;
  const auto [place, is_new] = parsed.try_emplace(std::string(name));
  if (is_new) place->second = nlohmann::json::parse(read_text(data_path("golden/" + place->first)));
  return place->second;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "pose-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace pose::test
