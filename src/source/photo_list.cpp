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

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

void drop_empty(std::vector<std::string>& names) {
  names.erase(std::remove(names.begin(), names.end(), ""), names.end());
}

std::vector<SourcePhoto> named_photos(const std::vector<std::string>& names, const std::string& indir) {
  std::vector<SourcePhoto> photos;
  for (const std::string& name : names) {
    const bool relative = !indir.empty() && fs::path(name).is_relative();
    photos.push_back({relative ? (fs::path(indir) / name).string() : name, name});
  }
  return photos;
}

bool is_comment(const SourcePhoto& photo) {
  std::error_code ignored;
  return photo.name[0] == '#' && fs::symlink_status(photo.path, ignored).type() == fs::file_type::not_found;
}

}  // namespace

std::vector<std::string> parse_photo_list(std::string_view text, const std::string& file) {
  if (text.find('\0') != std::string_view::npos)
    throw Error::format(
        file +
        ": not a list of names, one a line, in UTF-8 or any other code without zero bytes; names "
        "that end with a NUL (find -print0) are read by --list0");
  std::vector<std::string> names = split(text, '\n');
  for (std::string& name : names)
    if (!name.empty() && name.back() == '\r') name.pop_back();
  drop_empty(names);
  return names;
}

std::vector<std::string> parse_photo_list0(std::string_view text) {
  std::vector<std::string> names = split(text, '\0');
  drop_empty(names);
  return names;
}

std::vector<SourcePhoto> list_names(const std::string& path, ListContext& context) {
  const std::string list = read_list(path);
  std::string_view text = list;
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  std::vector<SourcePhoto> photos = named_photos(parse_photo_list(text, path), context.options.indir);
  photos.erase(std::remove_if(photos.begin(), photos.end(), &is_comment), photos.end());
  return photos;
}

std::vector<SourcePhoto> list_names0(const std::string& path, ListContext& context) {
  return named_photos(parse_photo_list0(read_list(path)), context.options.indir);
}

}  // namespace pose
