#include "weights/formats.h"

#include <algorithm>
#include <cstring>

#include "base/mapped_file.h"
#include "pose/error.h"
#include "weights/readers.h"

namespace pose {
namespace {

std::string_view beginning(const WeightBytes& file, std::size_t bytes) {
  return {reinterpret_cast<const char*>(file.data), std::min(bytes, file.size)};
}

bool starts_with(const WeightBytes& file, std::string_view text) {
  return beginning(file, text.size()) == text;
}

bool is_zip(const WeightBytes& file) { return starts_with(file, "PK\x03\x04"); }
bool is_script(const WeightBytes& file) { return is_zip(file) && has_torchscript_code(file); }

/// torch.save writes the number 0x1950a86a20f9469cfc6c first, behind the opcodes of the pickle protocol.
bool is_legacy(const WeightBytes& file) {
  constexpr std::string_view kMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  constexpr std::size_t kOpcodesBefore = 11;
  return starts_with(file, "\x80") &&
         beginning(file, kOpcodesBefore + kMagic.size()).find(kMagic) != std::string_view::npos;
}

bool is_safetensors(const WeightBytes& file) {
  std::uint64_t header = 0;
  if (file.size <= sizeof header || file.data[sizeof header] != '{') return false;
  std::memcpy(&header, file.data, sizeof header);
  return header <= file.size - sizeof header;
}

constexpr WeightFormat kFormats[] = {
    {"torchscript", &is_script, &read_torchscript_facts,
     "a TorchScript program, not a plain weight file; give it to a model card of architecture "
     "\"torchscript\" (only if you "
     "trust where it comes from: it runs), or save its weights in Python: torch.save(model.state_dict(), "
     "FILE)"},
    {"pth-zip", &is_zip, &read_torch_zip, ""},
    {"pth-legacy", &is_legacy, &read_torch_legacy, ""},
    {"safetensors", &is_safetensors, &read_safetensors, ""},
    {"darknet", &is_darknet_weights, &read_darknet_facts,
     "a Darknet weight file, which has no names and shapes of its own; give it together with its network: "
     "--det_cfg "
     "NETWORK.cfg --det_weights FILE"},
};

/// What a file may be that is no weight file: the usual accidents.
std::string describe_unknown(const WeightBytes& file) {
  if (file.size == 0) return "the file is empty";
  if (starts_with(file, "version https://git-lfs"))
    return "this is a Git LFS pointer, not the file itself; fetch it with: git lfs pull";
  if (starts_with(file, "<")) return "this is a web page, not a weight file; the download went wrong";
  if (starts_with(file, "\x80"))
    return "a Python pickle that torch.save did not write; load it in Python and save it with torch.save";
  return "no known weight file (.pth and .pt of torch.save, .safetensors); it may be cut off or damaged";
}

}  // namespace

WeightBytes map_weight_file(const std::string& path) {
  const auto file = MappedFile::open(path);
  return {file->data(), file->size(), path, file};
}

const WeightFormat& recognise_format(const WeightBytes& file) {
  for (const WeightFormat& row : kFormats)
    if (row.recognises(file)) return row;
  throw Error::format(file.what + ": " + describe_unknown(file));
}

bool is_torchscript(const std::string& path) { return is_script(map_weight_file(path)); }

TensorFile read_tensor_bytes(const WeightBytes& file) {
  const WeightFormat& format = recognise_format(file);
  if (!format.refusal.empty()) throw Error::unsupported(file.what + ": " + std::string(format.refusal));
  return format.read(file).tensors;
}

TensorFile open_tensor_file(const std::string& path) { return read_tensor_bytes(map_weight_file(path)); }

}  // namespace pose
