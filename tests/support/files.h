#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pose::test {

/// `tests/data/NAME`.
std::string data_path(const std::string& name);

/// A file of the shared check data that lies beside the checkout on developers' machines, or "" where it is
/// missing: tests that need it call GTEST_SKIP then.
std::string shared_path(const std::string& name);

/// `tests/data/golden/NAME`, parsed: numbers that the reference implementations computed.
/// Parsed once; the reference stays good.
const nlohmann::json& golden(std::string_view name);

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

/// A fresh folder that is removed with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace pose::test
