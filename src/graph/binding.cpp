#include "graph/binding.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "base/mapped_file.h"
#include "pose/error.h"

namespace pose {
namespace {

/// How many names one message lists of each kind of fault.
constexpr std::size_t kNamesShown = 100;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string list_text(const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text =
      "\n  " + std::to_string(names.size()) + (names.size() == 1 ? " tensor " : " tensors ") + what + ": ";
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kNamesShown) text += ", ... (" + std::to_string(names.size() - kNamesShown) + " more)";
  return text;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void check_fit(const Graph& graph, const TensorFile& weights) {
  const WeightFit fit = compare_weights(graph, weights);
  if (fit.complete()) return;
  throw Error::mismatch("the weights do not fit the network:" + list_text("missing", fit.missing) +
                        list_text("of another shape", fit.misshaped) +
                        list_text("that the network has no place for", fit.extra));
}

/// A tensor in its file, whose pages nobody needs in memory after the last blob of it.
struct TensorInFile {
  std::shared_ptr<const TensorFile> file;
  const std::uint8_t* data;
  std::size_t bytes;

  ~TensorInFile() { MappedFile::forget(data, bytes); }
};

Blob value_of(const TensorView& view, const std::shared_ptr<const TensorFile>& file) {
  const bool usable_in_place = view.dtype == DType::kF32 && view.contiguous() &&
                               reinterpret_cast<std::uintptr_t>(view.data) % alignof(float) == 0;
  if (usable_in_place) {  // never written to: passes make new blobs
    const std::size_t bytes = static_cast<std::size_t>(view.elements()) * sizeof(float);
    const std::shared_ptr<void> owner(new TensorInFile{file, view.data, bytes});
    return Blob(view.shape, reinterpret_cast<float*>(const_cast<std::uint8_t*>(view.data)), owner);
  }
  Blob copy(view.shape);
  copy_as_f32(view, copy.data());
  return copy;
}

/// Writes to `out` the weights that make output channel `c` times `scale[c]`. Convolution weights are [out,
/// in, k, k], transposed ones [in, out, k, k].
void scale_weight(const Blob& weight, const std::vector<double>& scale, bool transposed, float* out) {
  const std::int64_t channels = static_cast<std::int64_t>(scale.size());
  const std::int64_t outer = transposed ? weight.dim(0) : 1;
  const std::int64_t inner = weight.elements() / (outer * channels);
  const float* in = weight.data();
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t i = 0; i < inner; ++i)
        *out++ = static_cast<float>(*in++ * scale[static_cast<std::size_t>(c)]);
}

}  // namespace

std::vector<Blob> weights_of(const BoundGraph& bound, std::size_t node, std::vector<float>& scratch) {
  std::vector<Blob> values = bound.values[node];
  if (bound.scales[node].empty()) return values;
  scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(values[0].elements())));
  scale_weight(values[0], bound.scales[node], bound.graph.nodes[node].op == Op::kConvTranspose,
               scratch.data());
  values[0] = Blob(values[0].shape(), scratch.data(), nullptr);
  return values;
}

WeightFit compare_weights(const Graph& graph, const TensorFile& weights) {
  WeightFit fit;
  std::set<std::string> wanted;
  for (const Node& node : graph.nodes) {
    for (const Param& param : node.params) {
      wanted.insert(param.key);
      const TensorView* view = weights.find(param.key);
      if (!view)
        fit.missing.push_back(param.key);
      else if (view->shape != param.shape)
        fit.misshaped.push_back(param.key + " is " + shape_text(view->shape) + ", not " +
                                shape_text(param.shape));
      else
        ++fit.fitting;
    }
  }
  for (const TensorView& view : weights.tensors())
    if (!wanted.count(view.name) && !ends_with(view.name, "num_batches_tracked"))
      fit.extra.push_back(view.name);
  return fit;
}

BoundGraph bind_weights(Graph graph, const TensorFile& weights) {
  check_fit(graph, weights);
  const auto file = std::make_shared<const TensorFile>(weights);
  return bind_weights(std::move(graph), [&](const Node&, const Param& param) {
    return value_of(*file->find(param.key), file);
  });
}

BoundGraph bind_weights(Graph graph, const std::function<Blob(const Node&, const Param&)>& value_of) {
  BoundGraph bound;
  for (const Node& node : graph.nodes) {
    bound.values.emplace_back();
    bound.scales.emplace_back();
    for (const Param& param : node.params) {
      bound.values.back().push_back(value_of(node, param));
      POSE_CHECK(bound.values.back().back().shape() == param.shape);
    }
  }
  bound.graph = std::move(graph);
  return bound;
}

}  // namespace pose
