#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "pose/error.h"
#include "weights/pickle.h"
#include "weights/readers.h"

namespace pose {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 16 << 20;
constexpr DType kDTypes[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                             DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};
constexpr std::string_view kMetadata = "__metadata__";

struct Declared {
  TensorView view;
  std::vector<std::int64_t> offsets;
  bool has_dtype = false, has_shape = false;
};

/// Takes the header as the parser goes through it: nothing but the tensors is kept, whatever the text nests
/// or repeats.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& what) : what_(what) {}
  std::vector<Declared> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;

  bool null() override { fail("null"); }
  bool boolean(bool) override { fail("a boolean"); }
  bool number_float(double, const std::string&) override { fail("a fraction"); }
  bool binary(binary_t&) override { fail("binary data"); }
  bool number_integer(std::int64_t) override { fail("a negative number"); }

  bool number_unsigned(std::uint64_t value) override {
    if (!numbers_) fail("a number where none belongs");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      fail("a number above 2^63");
    if (numbers_->size() == kMaxDimensions)
      fail("more than " + std::to_string(kMaxDimensions) + " dimensions");
    numbers_->push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool start_object(std::size_t) override {
    if (numbers_ || depth_ == 2) fail("an object too deep");
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (depth_ == 2 && !in_metadata_) check_complete();
    --depth_;
    return true;
  }

  bool key(std::string& name) override {
    if (depth_ == 2)
      field_ = name;
    else if (in_metadata_ = name == kMetadata; !in_metadata_)
      add_tensor(name);
    return true;
  }

  bool string(std::string& value) override {
    if (depth_ != 2 || numbers_) fail("a text where none belongs");
    if (in_metadata_)
      metadata.emplace_back(field_, value);
    else if (field_ == "dtype")
      set_dtype(value);
    else
      fail("the unknown entry '" + field_ + "'");
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || numbers_ || in_metadata_) fail("a list where none belongs");
    Declared& tensor = tensors.back();
    if (field_ == "shape")
      numbers_ = &tensor.view.shape, tensor.has_shape = true;
    else if (field_ == "data_offsets")
      numbers_ = &tensor.offsets;
    else
      fail("the unknown entry '" + field_ + "'");
    if (!numbers_->empty()) fail("'" + field_ + "' twice");
    return true;
  }
  bool end_array() override {
    numbers_ = nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    throw Error::format(what_ + ": the safetensors header is no valid JSON at byte " +
                        std::to_string(position));
  }

 private:
  [[noreturn]] void fail(const std::string& found) const {
    throw Error::format(what_ + ": the safetensors header has " + found +
                        (tensors.empty() ? "" : " (near tensor '" + tensors.back().view.name + "')"));
  }

  void add_tensor(const std::string& name) {
    check_tensor_name(name, what_);
    if (tensors.size() == kMaxPickleTensors) fail("too many tensors");
    tensors.emplace_back();
    tensors.back().view.name = name;
  }

  void set_dtype(const std::string& name) {
    const auto found =
        std::find_if(std::begin(kDTypes), std::end(kDTypes), [&](DType d) { return to_string(d) == name; });
    if (found == std::end(kDTypes))
      throw Error::unsupported(what_ + ": tensor '" + tensors.back().view.name +
                               "' has an element type that is not "
                               "supported (F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL are)");
    tensors.back().view.dtype = *found;
    tensors.back().has_dtype = true;
  }

  void check_complete() const {
    const Declared& tensor = tensors.back();
    if (!tensor.has_dtype || !tensor.has_shape || tensor.offsets.size() != 2)
      fail("a tensor without dtype, shape or two data_offsets");
  }

  const std::string& what_;
  int depth_ = 0;
  bool in_metadata_ = false;
  std::string field_;
  std::vector<std::int64_t>* numbers_ = nullptr;  ///< where the numbers of the open list go
};

/// The tensors lie one behind the other from the first byte of the data to the last, and each is as long as
/// its shape says.
void place_tensors(std::vector<Declared>& tensors, ByteReader data) {
  std::vector<Declared*> in_order;
  for (Declared& tensor : tensors) in_order.push_back(&tensor);
  std::sort(in_order.begin(), in_order.end(),
            [](const Declared* a, const Declared* b) { return a->offsets < b->offsets; });
  for (Declared* tensor : in_order) {
    TensorView& view = tensor->view;
    const std::string what = data.what() + ": tensor '" + view.name + "'";
    const std::int64_t begin = tensor->offsets[0], end = tensor->offsets[1];
    if (begin < 0 || static_cast<std::uint64_t>(begin) != data.position() || end < begin)
      throw Error::format(what + " overlaps another one or leaves a hole in the file");
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(checked_elements(view.shape, what),
                               static_cast<std::int64_t>(size_of(view.dtype)), &bytes) ||
        bytes != end - begin)
      throw Error::format(what + ": " + std::to_string(end - begin) + " bytes do not fit its shape and type");
    view.data = data.take(static_cast<std::uint64_t>(bytes));
    view.strides = row_major_strides(view.shape);
    view.storage = view.name;
  }
  if (data.remaining() != 0) data.fail("bytes behind the last tensor");
}

}  // namespace

WeightContent read_safetensors(const WeightBytes& file) {
  ByteReader in(file.data, file.size, file.what);
  const auto header_bytes = in.read<std::uint64_t>();
  if (header_bytes > kMaxHeaderBytes)
    in.fail("a safetensors header of " + std::to_string(header_bytes) + " bytes");
  const std::string_view header = in.text(header_bytes);
  HeaderReader reader(file.what);
  nlohmann::json::sax_parse(header.begin(), header.end(), &reader);
  const std::size_t data_bytes = in.remaining();
  place_tensors(reader.tensors, ByteReader(in.take(data_bytes), data_bytes, file.what));

  std::vector<TensorView> views;
  for (Declared& tensor : reader.tensors) views.push_back(std::move(tensor.view));
  WeightContent content{TensorFile("safetensors", std::move(views), file.owner), {}};
  content.facts.emplace_back("header bytes", std::to_string(header_bytes));
  for (auto& [name, value] : reader.metadata)
    content.facts.emplace_back("metadata " + name, std::move(value));
  return content;
}

}  // namespace pose
