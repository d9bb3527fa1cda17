#include "weights/darknet_weights.h"

#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/mapped_file.h"
#include "pose/error.h"
#include "weights/readers.h"

namespace pose {
namespace {

constexpr std::size_t kVersionBytes = 12;    // three int32
constexpr std::size_t kOldHeaderBytes = 16;  // images seen as 32 bits
constexpr std::size_t kNewHeaderBytes = 20;  // as 64 bits
constexpr std::int32_t kMaxRevision = 100;   // no program ever went beyond 5

std::int64_t elements(const DarknetTensor& tensor) {
  std::int64_t n = 1;
  for (const std::int64_t d : tensor.shape) n *= d;
  return n;
}

/// Darknet's own rule for the width of the counter behind the version.
std::size_t header_bytes(const std::uint8_t* data) {
  std::int32_t major = 0, minor = 0;
  std::memcpy(&major, data, sizeof major);
  std::memcpy(&minor, data + sizeof major, sizeof minor);
  const bool wide = std::int64_t{major} * 10 + minor >= 2 && major < 1000 && minor < 1000;
  return wide ? kNewHeaderBytes : kOldHeaderBytes;
}

std::string section_of(const std::string& key) { return key.substr(0, key.find('.')); }

/// Where the floats of a short file run out.
std::string ending(std::int64_t floats, const std::vector<DarknetTensor>& order) {
  std::string last_complete;
  for (const DarknetTensor& tensor : order) {
    const std::int64_t n = elements(tensor);
    if (floats < n) {
      if (floats == 0 && !last_complete.empty() && section_of(tensor.key) != last_complete)
        return "the file ends after section " + last_complete +
               " (a partial file, made to start a training from; the whole file of the network is needed)";
      return "the file ends within section " + section_of(tensor.key) + " (" + tensor.key + ": " +
             std::to_string(floats) + " of " + std::to_string(n) + " numbers)";
    }
    floats -= n;
    last_complete = section_of(tensor.key);
  }
  return "";
}

[[noreturn]] void fail_size(std::size_t body, std::int64_t wanted, const std::vector<DarknetTensor>& order,
                            const std::string& file) {
  const auto floats = static_cast<std::int64_t>(body / sizeof(float));
  const std::string counts = file + " holds " + std::to_string(floats) + " numbers" +
                             (body % sizeof(float) ? " and a broken one" : "") + ", the cfg needs " +
                             std::to_string(wanted);
  if (floats < wanted) throw Error::mismatch(counts + ": " + ending(floats, order));
  throw Error::mismatch(counts + ": " +
                        std::to_string(body - static_cast<std::size_t>(wanted) * sizeof(float)) +
                        " bytes are left over, so cfg and weights do not belong together");
}

/// Files before version 0.2 have a short header, but some programs write and read the long one always: then
/// the one that fits exactly is right.
std::size_t choose_header(const std::uint8_t* data, std::size_t size, std::size_t wanted_bytes) {
  const std::size_t by_version = header_bytes(data);
  if (by_version == kOldHeaderBytes && size >= kNewHeaderBytes && size - kNewHeaderBytes == wanted_bytes)
    return kNewHeaderBytes;
  return by_version;
}

}  // namespace

TensorFile parse_darknet_weights(const std::uint8_t* data, std::size_t size,
                                 std::shared_ptr<const void> owner, const std::vector<DarknetTensor>& order,
                                 const std::string& file) {
  if (size < kVersionBytes || size < header_bytes(data))
    throw Error::format(file + ": " + std::to_string(size) +
                        " bytes are too few for the header of a Darknet weight file");
  std::int64_t wanted = 0;
  for (const DarknetTensor& tensor : order) wanted += elements(tensor);
  const std::size_t header = choose_header(data, size, static_cast<std::size_t>(wanted) * sizeof(float));
  if (size - header != static_cast<std::size_t>(wanted) * sizeof(float))
    fail_size(size - header, wanted, order, file);

  std::vector<TensorView> views;
  views.reserve(order.size());
  const std::uint8_t* next = data + header;
  for (const DarknetTensor& tensor : order) {
    TensorView view;
    view.name = tensor.key;
    view.shape = tensor.shape;
    view.strides.resize(tensor.shape.size());
    std::int64_t step = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0; step *= tensor.shape[i]) view.strides[i] = step;
    view.data = next;
    view.storage = tensor.key;
    views.push_back(std::move(view));
    next += static_cast<std::size_t>(step) * sizeof(float);
  }
  return TensorFile("darknet", std::move(views), std::move(owner));
}

TensorFile read_darknet_weights(const std::string& path, const std::vector<DarknetTensor>& order) {
  const auto file = MappedFile::open(path);
  return parse_darknet_weights(file->data(), file->size(), file, order, path);
}

bool is_darknet_weights(const WeightBytes& file) {
  if (file.size < kOldHeaderBytes || file.size < header_bytes(file.data)) return false;
  std::int32_t version[3];
  std::memcpy(version, file.data, sizeof version);
  return version[0] == 0 && (version[1] == 1 || version[1] == 2) && version[2] >= 0 &&
         version[2] < kMaxRevision && file.size % sizeof(float) == 0;
}

WeightContent read_darknet_facts(const WeightBytes& file) {
  ByteReader in(file.data, file.size, file.what);
  std::string version = std::to_string(in.read<std::int32_t>());
  for (int i = 0; i < 2; ++i) version += "." + std::to_string(in.read<std::int32_t>());
  const std::size_t header = header_bytes(file.data);
  const std::uint64_t seen = header == kNewHeaderBytes ? in.read<std::uint64_t>() : in.read<std::uint32_t>();
  return {TensorFile(),
          {{"version", version},
           {"images seen", std::to_string(seen)},
           {"header bytes", std::to_string(header)},
           {"floats", std::to_string(in.remaining() / sizeof(float))}}};
}

}  // namespace pose
