#include "source/photo_list.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/read_file.h"
#include "pose/error.h"
#include "source/kinds.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

/// A list may come through a pipe, so it is read as a stream.
std::string read_list(const std::string& list) {
  std::ifstream file;
  if (list != "-") {
    file.open(list, std::ios::binary);
    if (!file) throw Error::not_found("cannot read the list " + list);
  }
  std::istream& in = list == "-" ? std::cin : file;
  std::string text;
  std::array<char, 1 << 16> chunk{};
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestTextFile)
      throw Error::unsupported("the list " + list + " is too large: more than " +
                               std::to_string(kLargestTextFile) + " bytes");
  }
  if (in.bad()) throw Error::io("cannot read the list " + list);
  return text;
}

}  // namespace

std::vector<std::string> parse_photo_list(std::string_view text, const std::string& file) {
  if (text.find('\0') != std::string_view::npos)
    throw Error::format(file +
                        ": not a list of names, one a line, in UTF-8 or any other code without zero bytes");
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) names.emplace_back(line);
  }
  return names;
}

std::vector<SourcePhoto> list_names(const std::string& path, ListContext& context) {
  const std::string& indir = context.options.indir;
  std::vector<SourcePhoto> photos;
  for (const std::string& name : parse_photo_list(read_list(path), path)) {
    const bool relative = !indir.empty() && fs::path(name).is_relative();
    photos.push_back({relative ? (fs::path(indir) / name).string() : name, name});
  }
  return photos;
}

}  // namespace pose
