#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <memory>

#include "graph/graph.h"

namespace pose {

/// A convolution whose weights lie in the layout that oneDNN wants for one input size, so that they are not
/// reordered in every call. Only on the CPU; other batch sizes work as well.
class PackedConv {
 public:
  /// Packs row-major weights and an optional bias; `node` gives everything else, `input` the shape of its
  /// input. Null where this LibTorch or processor has no such kernels.
  static std::unique_ptr<PackedConv> make(const Node& node, const Chw& input, const at::Tensor& weight,
                                          const at::Tensor& bias);

  /// The activation is applied as well.
  at::Tensor run(const at::Tensor& x) const;

 private:
  PackedConv(c10::IValue context, Activation remaining)
      : context_(std::move(context)), remaining_(remaining) {}

  c10::IValue context_;
  Activation remaining_;  ///< what the kernel could not do itself
};

}  // namespace pose
