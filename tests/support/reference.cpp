#include "support/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pose::test {
namespace {

double activated(double x, Activation kind) {
  switch (kind) {
    case Activation::kNone: return x;
    case Activation::kRelu: return std::max(x, 0.0);
    case Activation::kLeaky: return x > 0 ? x : 0.1 * x;
    case Activation::kRelu6: return std::min(std::max(x, 0.0), 6.0);
    case Activation::kLogistic: return 1 / (1 + std::exp(-x));
    case Activation::kMish: return x * std::tanh(std::log1p(std::exp(x)));
    case Activation::kSwish: return x / (1 + std::exp(-x));
  }
  return x;
}

struct Maps {
  Blob blob;
  const Chw shape;
  const float& at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
    return blob.data()[((n * shape.c + c) * shape.h + y) * shape.w + x];
  }
  bool has(std::int64_t y, std::int64_t x) const { return y >= 0 && y < shape.h && x >= 0 && x < shape.w; }
};

using Values = std::vector<Blob>;

double conv(const Node& node, const Maps& in, const Values& w, std::int64_t n, std::int64_t o, std::int64_t y,
            std::int64_t x) {
  const std::int64_t group = in.shape.c / node.groups, first = o / (node.shape.c / node.groups) * group;
  double sum = w.size() > 1 ? w[1].data()[o] : 0.0;
  for (std::int64_t c = 0; c < group; ++c)
    for (int ky = 0; ky < node.kernel; ++ky)
      for (int kx = 0; kx < node.kernel; ++kx) {
        const std::int64_t v = y * node.stride - node.pad + ky, u = x * node.stride - node.pad + kx;
        if (in.has(v, u))
          sum += double{w[0].data()[((o * group + c) * node.kernel + ky) * node.kernel + kx]} *
                 in.at(n, first + c, v, u);
      }
  return sum;
}

/// Each input spreads over a window of the output.
double conv_transpose(const Node& node, const Maps& in, const Values& w, std::int64_t n, std::int64_t o,
                      std::int64_t y, std::int64_t x) {
  double sum = w.size() > 1 ? w[1].data()[o] : 0.0;
  for (std::int64_t c = 0; c < in.shape.c; ++c)
    for (std::int64_t v = 0; v < in.shape.h; ++v)
      for (std::int64_t u = 0; u < in.shape.w; ++u) {
        const std::int64_t ky = y + node.pad - v * node.stride, kx = x + node.pad - u * node.stride;
        if (ky < 0 || ky >= node.kernel || kx < 0 || kx >= node.kernel) continue;
        sum += double{w[0].data()[((c * node.shape.c + o) * node.kernel + ky) * node.kernel + kx]} *
               in.at(n, c, v, u);
      }
  return sum;
}

double pool(const Node& node, const Maps& in, std::int64_t n, std::int64_t c, std::int64_t y,
            std::int64_t x) {
  double best = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::int64_t v = y * node.stride - node.pad; v < y * node.stride - node.pad + node.kernel; ++v)
    for (std::int64_t u = x * node.stride - node.pad; u < x * node.stride - node.pad + node.kernel; ++u) {
      const bool there = in.has(v, u);
      if (!there && !node.pad_with_zeros) continue;
      const double value = there ? double{in.at(n, c, v, u)} : 0.0;
      best = std::max(best, value);
      sum += value;
    }
  return node.op == Op::kAvgPool ? sum / (node.kernel * node.kernel) : best;
}

double upsampled(const Node& node, const Maps& in, std::int64_t n, std::int64_t c, std::int64_t y,
                 std::int64_t x) {
  if (node.interpolation == Interpolation::kNearest)
    return in.at(n, c, y * in.shape.h / node.shape.h, x * in.shape.w / node.shape.w);
  const auto place = [&](std::int64_t at, std::int64_t from, std::int64_t to) {
    if (node.interpolation == Interpolation::kBilinearAlignCorners)
      return to > 1 ? static_cast<double>(at * (from - 1)) / static_cast<double>(to - 1) : 0.0;
    const double source =
        (static_cast<double>(at) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
    return std::max(source, 0.0);
  };
  const double v = place(y, in.shape.h, node.shape.h), u = place(x, in.shape.w, node.shape.w);
  const auto v0 = static_cast<std::int64_t>(v), u0 = static_cast<std::int64_t>(u);
  const std::int64_t v1 = std::min(v0 + 1, in.shape.h - 1), u1 = std::min(u0 + 1, in.shape.w - 1);
  const double b = v - static_cast<double>(v0), a = u - static_cast<double>(u0);
  return (1 - b) * ((1 - a) * in.at(n, c, v0, u0) + a * in.at(n, c, v0, u1)) +
         b * ((1 - a) * in.at(n, c, v1, u0) + a * in.at(n, c, v1, u1));
}

double norm(const Node& node, const Maps& in, const Values& w, std::int64_t n, std::int64_t c, std::int64_t y,
            std::int64_t x) {
  return (double{in.at(n, c, y, x)} - w[2].data()[c]) / std::sqrt(w[3].data()[c] + node.eps) *
             w[0].data()[c] +
         w[1].data()[c];
}

double joined(const std::vector<Maps>& parts, std::int64_t n, std::int64_t c, std::int64_t y,
              std::int64_t x) {
  for (const Maps& part : parts) {
    if (c < part.shape.c) return part.at(n, c, y, x);
    c -= part.shape.c;
  }
  return 0;
}

double mean(const Maps& in, std::int64_t n, std::int64_t c) {
  double sum = 0;
  for (std::int64_t i = 0; i < in.shape.h * in.shape.w; ++i) sum += in.at(n, c, 0, i);
  return sum / static_cast<double>(in.shape.h * in.shape.w);
}

double value(const Node& node, const std::vector<Maps>& in, const Values& w, std::int64_t n, std::int64_t c,
             std::int64_t y, std::int64_t x) {
  switch (node.op) {
    case Op::kInput: return 0;
    case Op::kConv:
    case Op::kLinear: return conv(node, in[0], w, n, c, y, x);
    case Op::kConvTranspose: return conv_transpose(node, in[0], w, n, c, y, x);
    case Op::kBatchNorm: return norm(node, in[0], w, n, c, y, x);
    case Op::kActivation: return in[0].at(n, c, y, x);
    case Op::kAdd: {
      double sum = 0;
      for (const Maps& term : in) sum += term.at(n, c, y, x);
      return sum;
    }
    case Op::kConcat: return joined(in, n, c, y, x);
    case Op::kSlice: return in[0].at(n, c + node.slice_begin, y, x);
    case Op::kMaxPool:
    case Op::kAvgPool: return pool(node, in[0], n, c, y, x);
    case Op::kGlobalAvgPool: return mean(in[0], n, c);
    case Op::kUpsample: return upsampled(node, in[0], n, c, y, x);
    case Op::kPixelShuffle: return in[0].at(n, 4 * c + y % 2 * 2 + x % 2, y / 2, x / 2);
    case Op::kScaleChannels: return double{in[0].at(n, c, y, x)} * in[1].at(n, c, 0, 0);
  }
  return 0;
}

}  // namespace

std::vector<Blob> run_plainly(const BoundGraph& bound, const Blob& batch) {
  std::vector<Blob> results{batch};
  std::vector<float> scratch;
  for (std::size_t i = 1; i < bound.graph.nodes.size(); ++i) {
    const Node& node = bound.graph.nodes[i];
    const Values weights = weights_of(bound, i, scratch);
    std::vector<Maps> in;
    for (const NodeId id : node.inputs)
      in.push_back({results[static_cast<std::size_t>(id)], bound.graph[id].shape});
    Blob result({batch.dim(0), node.shape.c, node.shape.h, node.shape.w});
    float* out = result.data();
    for (std::int64_t n = 0; n < batch.dim(0); ++n)
      for (std::int64_t c = 0; c < node.shape.c; ++c)
        for (std::int64_t y = 0; y < node.shape.h; ++y)
          for (std::int64_t x = 0; x < node.shape.w; ++x)
            *out++ = static_cast<float>(activated(value(node, in, weights, n, c, y, x), node.activation));
    results.push_back(std::move(result));
  }
  std::vector<Blob> outputs;
  for (const NodeId id : bound.graph.outputs) outputs.push_back(results[static_cast<std::size_t>(id)]);
  return outputs;
}

}  // namespace pose::test
